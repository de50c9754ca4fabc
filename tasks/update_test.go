package tasks

import _ "errand/engine/goldenfile" // for -update, which every test package takes
