package ec2

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"errand/engine/task"
)

// answerLimit is the size of the largest answer, in bytes, after it is decompressed.
const answerLimit = 8 << 20

// An answerReader is a step in the SDK's clients that reads each answer before the SDK does, up to
// answerLimit, because the SDK has no limit. It also converts the answers of EC2 and STS to what
// the SDK can read. Other sources of credentials answer in other forms.
type answerReader struct{}

// readAnswers returns the options of a client that has an answerReader.
func readAnswers() []func(*middleware.Stack) error {
	return []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(answerReader{}, middleware.After)
	}}
}

// ID implements middleware.DeserializeMiddleware.
func (answerReader) ID() string { return "ErrandAnswerReader" }

// HandleDeserialize implements middleware.DeserializeMiddleware. Its error is a *notEC2 if the SDK
// cannot read the answer.
func (answerReader) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	answer, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok {
		return out, metadata, err
	}
	body, cut := task.ReadAll(answer.Body, answerLimit)
	_ = answer.Body.Close()   // without the rest
	answer.Body = http.NoBody // the SDK cannot read a closed one
	if errors.Is(cut, task.ErrTooLong) {
		return out, metadata, &notEC2{answer: answer.Response, why: "is longer than 8 MiB"}
	}
	if service := awsmiddleware.GetServiceID(ctx); service == sdk.ServiceID || service == sts.ServiceID {
		task.NoteDate(ctx, answer.Header)
		if body, err = readable(answer.Response, body); err != nil {
			return out, metadata, err
		}
		if good, want := answer.StatusCode/100 == 2, awsmiddleware.GetOperationName(ctx)+"Response"; good && cut == nil && rootElement(body) != want {
			return out, metadata, &notEC2{answer: answer.Response, why: "is not a " + want}
		}
	}
	var rest io.Reader = bytes.NewReader(body)
	if cut != nil {
		rest = io.MultiReader(rest, broken{cut})
	}
	answer.Body, answer.ContentLength = io.NopCloser(rest), -1
	return out, metadata, nil
}

// A broken body fails with an error, for the SDK to report.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// xmlCharset finds the charset in the declaration that an XML document may begin with.
var xmlCharset = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding=["']([A-Za-z0-9._-]+)["'][^>]*\?>`)
})

// readable returns the body of an answer as the SDK can read it: XML in UTF-8. Its error is a
// *notEC2.
func readable(answer *http.Response, body []byte) ([]byte, error) {
	kind := answer.Header.Get("Content-Type")
	text, err := task.UTF8(kind, body)
	if err != nil {
		return nil, &notEC2{answer: answer, why: err.Error()}
	}
	if page := task.WebPage(kind, text); page != "" {
		return nil, &notEC2{answer: answer, page: page}
	}
	declared := xmlCharset().FindSubmatch(text)
	if declared == nil {
		return text, nil
	}
	converted := !bytes.Equal(text, body)
	text = text[len(declared[0]):] // the SDK refuses the declaration of a charset that is not UTF-8
	if converted {
		return text, nil
	}
	if text, err = task.UTF8("text/xml; charset="+string(declared[1]), text); err != nil {
		return nil, &notEC2{answer: answer, why: err.Error()}
	}
	return text, nil
}

// rootElement returns the name of the first element of an XML document, or "". The SDK does not
// look at it, and does not even read the answer to an operation without outputs.
func rootElement(document []byte) string {
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		switch token, err := d.Token(); element := token.(type) {
		case xml.StartElement:
			return element.Name.Local
		default:
			if err != nil {
				return ""
			}
		}
	}
}
