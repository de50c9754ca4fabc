package ec2

import _ "errand/engine/goldenfile" // for -update, which every test package takes
