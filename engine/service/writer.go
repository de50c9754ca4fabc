package service

import "net/http"

// A Writer writes an answer and remembers its status.
type Writer struct {
	http.ResponseWriter
	status int // 0: the answer has not begun
}

// NewWriter returns a writer of an answer that has not begun.
func NewWriter(inner http.ResponseWriter) *Writer { return &Writer{ResponseWriter: inner} }

// Begun reports whether the answer has begun.
func (w *Writer) Begun() bool { return w.status != 0 }

// WriteHeader implements http.ResponseWriter.
func (w *Writer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *Writer) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(data)
}

// Unwrap returns the writer of the connection, for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
