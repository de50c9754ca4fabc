package lsp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/creachadair/jrpc2/channel"

	"errand/engine/schema"
)

// The limits of a message. An editor sends the text of each YAML file that it opens, also of files
// that are no definitions.
const (
	maxMessage = 64 << 20
	maxHeader  = 4 << 10 // a line of the header
)

// ErrFrame is the error of Serve if the client does not keep to the framing of messages.
var ErrFrame = errors.New("the client does not keep to the protocol")

func wrongFrame(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFrame, fmt.Sprintf(format, args...))
}

// frames reads the messages of a client. The channel that it extends allocates whatever length a
// client claims; frames needs memory only for what has arrived.
type frames struct {
	channel.Channel // sends
	in              *bufio.Reader
}

func newFrames(in io.Reader, out io.WriteCloser) frames {
	return frames{channel.LSP(nil, out), bufio.NewReaderSize(in, maxHeader)}
}

// Recv implements channel.Channel.
func (f frames) Recv() ([]byte, error) {
	size, err := f.header()
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if _, err := io.CopyN(&body, f.in, size); err != nil {
		if errors.Is(err, io.EOF) {
			err = wrongFrame("a message of %d bytes ends after %d", size, body.Len())
		}
		return nil, err
	}
	return body.Bytes(), nil
}

// header reads the header of a message and returns the length of its body. It ignores the other
// fields: the content type is always JSON in UTF-8.
func (f frames) header() (int64, error) {
	size := int64(-1)
	for first := true; ; first = false {
		line, err := f.in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return 0, wrongFrame("a line of a header is longer than %d bytes", maxHeader)
		case errors.Is(err, io.EOF) && (!first || len(line) > 0):
			return 0, wrongFrame("the header of a message is not complete")
		case err != nil:
			return 0, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return 0, wrongFrame("expected a header such as Content-Length: 100, not %s", schema.Show(text))
		}
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if size, err = lengthOf(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
	if size < 0 {
		return 0, wrongFrame("the header of a message has no Content-Length")
	}
	return size, nil
}

func lengthOf(text string) (int64, error) {
	size, err := strconv.ParseUint(text, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, wrongFrame("expected a number of bytes after Content-Length, not %s", schema.Show(text))
	}
	if err != nil || size > maxMessage {
		return 0, wrongFrame("a message has %s bytes; at most %d are allowed", text, maxMessage)
	}
	return int64(size), nil
}
