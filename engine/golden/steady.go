package golden

import (
	"context"

	"errand/engine/task"
)

// steady are the task types of a stage that answers a call which failed in the same way when it is made again.
func (s *stage) steady() *task.Registry {
	connectors := s.registry.Connectors()
	for i, c := range connectors {
		types := make([]task.Type, len(c.Types))
		for j, t := range c.Types {
			types[j] = t.Answered(func(ctx context.Context, call task.Call) task.Reply {
				same := identity(call)
				if reply, ok := s.failed(same); ok {
					s.cast.repeats(call)
					return reply
				}
				reply := t.Run(ctx, call)
				if f := reply.Failure; f != nil && f.Code != task.CodeInterrupted {
					s.remember(same, reply)
				}
				return reply
			})
		}
		connectors[i].Types = types
	}
	return task.NewRegistry(connectors...)
}

func (s *stage) failed(call string) (task.Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, ok := s.failures[call]
	return reply, ok
}

func (s *stage) remember(call string, reply task.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == nil {
		s.failures = map[string]task.Reply{}
	}
	s.failures[call] = reply
}
