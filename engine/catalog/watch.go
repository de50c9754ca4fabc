package catalog

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long files must be left alone before they are loaded: an editor or a deployment
// changes several, or one in several steps. patience is how long Watch waits for that.
const (
	settle   = 100 * time.Millisecond
	patience = 2 * time.Second
)

// look is how often the folder is loaded even if the system reports no change: notifications can be
// lost, and some file systems have none.
const look = 30 * time.Second

// Watch loads the folder again whenever its files change, until ctx ends. told receives what each
// load found, also nothing, and its error. again makes it load at once; it may be nil.
func (c *Catalog) Watch(ctx context.Context, again <-chan struct{}, told func(Change, error)) {
	events, stop := c.events()
	defer stop()
	timer := time.NewTimer(look)
	defer timer.Stop()
	var since time.Time // the first change that is not loaded yet
	for {
		select {
		case <-ctx.Done():
			return
		case _, more := <-events:
			if !more {
				events = nil
				continue
			}
			if since.IsZero() {
				since = time.Now()
			}
			timer.Reset(max(0, min(settle, patience-time.Since(since))))
			continue
		case <-again:
		case <-timer.C:
		}
		since = time.Time{}
		told(c.Load())
		timer.Reset(look)
	}
}

// events returns the changes in the folder as the system reports them. Without that, Watch looks now
// and then.
func (c *Catalog) events() (events <-chan fsnotify.Event, stop func()) {
	if c.folder == "" {
		return nil, func() {}
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, func() {}
	}
	if err := w.Add(c.folder); err != nil {
		_ = w.Close()
		return nil, func() {}
	}
	ignore := make(chan struct{})
	go func() { // an error is a lost notification: the next look finds the change
		for range w.Errors {
			continue
		}
		close(ignore)
	}()
	return w.Events, func() {
		_ = w.Close()
		<-ignore
	}
}
