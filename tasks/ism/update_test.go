package ism

import _ "errand/engine/goldenfile" // defines the flag -update, which every test package accepts
