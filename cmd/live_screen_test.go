package cmd

import (
	"bytes"
	"strings"

	"github.com/charmbracelet/x/vt"
)

// A Screen is a terminal in memory, with its scrollback. Like the terminals of desktops, and
// unlike the emulator in it, it wraps lines anew if its window becomes narrower.
type Screen struct {
	emulator      *vt.Emulator
	width, height int
}

func NewScreen(width, height int) *Screen {
	return &Screen{emulator: vt.NewEmulator(width, height), width: width, height: height}
}

func (s *Screen) size() (width, height int) { return s.width, s.height }

// Write implements io.Writer. The driver of a terminal turns a line feed into two characters.
func (s *Screen) Write(p []byte) (int, error) {
	_, err := s.emulator.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n")))
	return len(p), err
}

// Resize changes the window. All lines end in a line feed and the cursor stands below them.
func (s *Screen) Resize(width, height int) {
	lines := s.Lines()
	*s = *NewScreen(width, height)
	_, _ = s.Write([]byte(strings.Join(lines, "\n") + "\n"))
}

// Lines returns the lines of the scrollback and the window, without empty ones at the end.
func (s *Screen) Lines() []string {
	scrolled := s.emulator.ScrollbackLen()
	var lines []string
	for y := range scrolled + s.height {
		var line strings.Builder
		for x := range s.width {
			cell := s.emulator.ScrollbackCellAt(x, y)
			if y >= scrolled {
				cell = s.emulator.CellAt(x, y-scrolled)
			}
			switch {
			case cell == nil || cell.Content == "" && cell.Width == 1:
				line.WriteByte(' ')
			default:
				line.WriteString(cell.Content)
			}
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	for len(lines) > scrolled && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// String returns what the terminal holds: its scrollback, and its window below a line.
func (s *Screen) String() string {
	lines, scrolled := s.Lines(), s.emulator.ScrollbackLen()
	window := strings.Repeat("-", s.width)
	return strings.Join(append(append(lines[:scrolled:scrolled], window), lines[scrolled:]...), "\n") + "\n"
}
