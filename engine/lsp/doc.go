// Package lsp is a language server for definitions: what an editor shows while one is written.
package lsp
