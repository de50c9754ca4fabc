package cmd

import "context"

// credentialWords returns the connectors with credentials, and then the names that are stored for
// one.
func (h *homeFlags) credentialWords(ctx context.Context, p *partial) []candidate {
	var found []candidate
	switch len(p.names) {
	case 0:
		for _, c := range h.connectors.registry().Connectors() {
			if len(c.Credential) > 0 {
				found = append(found, candidate{c.Name, c.Title})
			}
		}
	case 1:
		s, err := h.store(false)
		if err != nil {
			return nil
		}
		entries, err := s.List(ctx)
		if err != nil {
			return nil
		}
		for _, e := range entries {
			if e.Connector == p.names[0] {
				found = append(found, candidate{word: e.Name})
			}
		}
	}
	return found
}

func (c *credentialsAdd) words(ctx context.Context, p *partial) []candidate {
	if len(p.names) == 1 {
		return plainWords("default")
	}
	return c.credentialWords(ctx, p)
}

func (c *credentialsEdit) words(ctx context.Context, p *partial) []candidate {
	return c.credentialWords(ctx, p)
}

func (c *credentialsShow) words(ctx context.Context, p *partial) []candidate {
	return c.credentialWords(ctx, p)
}

func (c *credentialsValidate) words(ctx context.Context, p *partial) []candidate {
	return c.credentialWords(ctx, p)
}

func (c *credentialsDelete) words(ctx context.Context, p *partial) []candidate {
	return c.credentialWords(ctx, p)
}

func (c *credentialsRecover) words(_ context.Context, p *partial) []candidate {
	return p.first([]candidate{files})
}

func (c *credentialsImport) words(_ context.Context, p *partial) []candidate {
	return p.first([]candidate{files})
}

func (c *backupCommand) words(_ context.Context, p *partial) []candidate {
	return p.first([]candidate{files})
}

func (c *restoreCommand) words(_ context.Context, p *partial) []candidate {
	return p.first([]candidate{files})
}
