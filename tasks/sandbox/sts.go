package sandbox

import (
	"encoding/xml"
	"net/http"
	"net/url"
)

// stsVersion is the version of the Security Token Service (STS). Its requests have the same form as
// those of EC2 and come to the same address, because a client with one endpoint for all services
// sends them there. They differ by the version.
const stsVersion = "2011-06-15"

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// readSTS reads a request of STS. No fault applies to it.
func (s *Sandbox) readSTS(r *http.Request, values url.Values, id string) call {
	c := call{system: "sts", action: values.Get("Action"), text: queryText(values)}
	c.do = func() answer {
		if refusal := checkSTS(r, values); refusal != nil {
			return stsRefusal(refusal, id)
		}
		return callerIdentity(id)
	}
	return c
}

// checkSTS refuses what is not a signed GetCallerIdentity without parameters.
func checkSTS(r *http.Request, values url.Values) *refusal {
	if refusal := authenticate(r, values); refusal != nil {
		return refusal
	}
	const known = "GetCallerIdentity"
	switch action := values.Get("Action"); action {
	case known:
		p := &params{action: action, left: unsigned(values)}
		p.refuseUnread()
		return p.first
	case "":
		return newRefusal("MissingAction", "The request must contain the parameter Action")
	default:
		return newRefusal(sandboxLimit, "The sandbox does not know the action %s of STS; it knows %s", action, known)
	}
}

// callerIdentity returns who the caller is: always the same user of the sandbox's account.
func callerIdentity(id string) answer {
	document := struct {
		ARN       string `xml:"GetCallerIdentityResult>Arn"`
		UserID    string `xml:"GetCallerIdentityResult>UserId"`
		Account   string `xml:"GetCallerIdentityResult>Account"`
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}{"arn:aws:iam::" + owner + ":user/sandbox", "AIDA0FA11BAC0FFEE0001", owner, id}
	return xmlAnswer(http.StatusOK, document, stsElement("GetCallerIdentityResponse"), id, document.ARN)
}

// stsRefusal returns an error answer in the form of STS, which differs from that of EC2.
func stsRefusal(r *refusal, id string) answer {
	document := struct {
		Type      string `xml:"Error>Type"`
		Code      string `xml:"Error>Code"`
		Message   string `xml:"Error>Message"`
		RequestID string `xml:"RequestId"`
	}{"Sender", r.code, r.message, id}
	return xmlAnswer(statusOf(r.code), document, stsElement("ErrorResponse"), id, r.code)
}

func stsElement(name string) xml.StartElement {
	return xml.StartElement{Name: xml.Name{Local: name}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: stsNamespace}}}
}
