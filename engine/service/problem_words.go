package service

import (
	"net/http"

	"errand/engine"
)

// A wording is what the service adds to a refusal: the status and a hint.
type wording struct {
	status int
	hint   string
}

// refusals lists the wording of each refusal. The sentence itself is the refusal's.
var refusals = map[engine.RefusalCode]wording{
	engine.RefusedNotFound:    {http.StatusNotFound, ""},
	engine.RefusedConflict:    {http.StatusConflict, "send the inputs of that run to get it, or ask for another request"},
	engine.RefusedHeld:        {http.StatusConflict, "another process works on the run; try again later"},
	engine.RefusedBusy:        {http.StatusConflict, "try again"},
	engine.RefusedMoved:       {http.StatusConflict, "read the run and try again"},
	engine.RefusedEnded:       {http.StatusConflict, ""},
	engine.RefusedNotEnded:    {http.StatusConflict, "cancel the run first, or wait for its end"},
	engine.RefusedSucceeded:   {http.StatusConflict, ""},
	engine.RefusedNothing:     {http.StatusConflict, ""},
	engine.RefusedNotAsked:    {http.StatusConflict, "GET /v1/questions lists what waits for a person"},
	engine.RefusedDecided:     {http.StatusConflict, ""},
	engine.RefusedLate:        {http.StatusConflict, ""},
	engine.RefusedVerdict:     {http.StatusConflict, "an approval takes approve or reject, an uncertain step done, retry or fail"},
	engine.RefusedRequester:   {http.StatusForbidden, "somebody else of those who may decide must do it"},
	engine.RefusedPerson:      {http.StatusForbidden, "only those whom the approval names may decide"},
	engine.RefusedStep:        {http.StatusUnprocessableEntity, "name one of the steps that this problem lists"},
	engine.RefusedFail:        {http.StatusUnprocessableEntity, "name one of the steps that this problem lists"},
	engine.RefusedDefinition:  {http.StatusConflict, ""},
	engine.RefusedCopy:        {http.StatusServiceUnavailable, "an administrator decides which home goes on, and adopts its runs"},
	engine.RefusedIsolated:    {http.StatusConflict, "an administrator decides which home goes on, and adopts its runs"},
	engine.RefusedNotIsolated: {http.StatusConflict, ""},
	engine.RefusedElsewhere:   {http.StatusConflict, "read the worklogs of the request; an administrator can start a new run all the same"},
	engine.RefusedUnread:      {http.StatusServiceUnavailable, "try again when the ticketing system can be reached"},
	engine.RefusedKey:         {http.StatusUnprocessableEntity, ""},
	engine.RefusedFull:        {http.StatusServiceUnavailable, "nothing was put on record; send the same again later"},
	engine.RefusedPruned:      {http.StatusGone, "its record was deleted as old; an administrator can start a new run for the request"},
	engine.RefusedLarge:       {http.StatusUnprocessableEntity, "nothing was changed; pass large values by name or address"},
	engine.RefusedEvent:       {http.StatusBadRequest, "send the id of an event that this stream sent, or none"},
}
