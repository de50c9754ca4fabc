package sandbox

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	apiVersion = "2016-11-15"
	namespace  = "http://ec2.amazonaws.com/doc/2016-11-15/"
	owner      = "123456789012" // the account of everything
)

// An operation is one action of the API. It reads its parameters, and returns the response and a
// summary of it for an Exchange.
type operation struct {
	action string
	run    func(*cloud, *params) (response, string, *refusal)
}

// operations returns the actions that the sandbox supports.
func operations() []operation {
	return []operation{
		{"CreateTags", (*cloud).createTags},
		{"DeleteTags", (*cloud).deleteTags},
		{"DescribeAvailabilityZones", (*cloud).describeAvailabilityZones},
		{"DescribeImages", (*cloud).describeImages},
		{"DescribeInstanceAttribute", (*cloud).describeInstanceAttribute},
		{"DescribeInstanceStatus", (*cloud).describeInstanceStatus},
		{"DescribeInstanceTypes", (*cloud).describeInstanceTypes},
		{"DescribeInstances", (*cloud).describeInstances},
		{"DescribeKeyPairs", (*cloud).describeKeyPairs},
		{"DescribeRegions", (*cloud).describeRegions},
		{"DescribeSecurityGroups", (*cloud).describeSecurityGroups},
		{"DescribeSubnets", (*cloud).describeSubnets},
		{"DescribeTags", (*cloud).describeTags},
		{"DescribeVolumes", (*cloud).describeVolumes},
		{"DescribeVpcs", (*cloud).describeVPCs},
		{"ModifyInstanceAttribute", (*cloud).modifyInstanceAttribute},
		{"RebootInstances", (*cloud).rebootInstances},
		{"RunInstances", (*cloud).runInstances},
		{"StartInstances", (*cloud).startInstances},
		{"StopInstances", (*cloud).stopInstances},
		{"TerminateInstances", (*cloud).terminateInstances},
	}
}

func ec2Actions() []string {
	var all []string
	for _, o := range operations() {
		all = append(all, o.action)
	}
	return all
}

// A cloud is one account in one region.
type cloud struct {
	now          time.Time
	timing       timing
	launchesDie  reason                       // why every launch fails; zero if launches succeed
	onlyPrivate  bool                         // no instance has a public address
	noDefaultVPC bool                         // a launch needs a subnet
	tags         map[string]map[string]string // of resources other than instances, by identifier
	instances    []*instance                  // in the order in which they were launched
	images       []string
	keyPairs     []string
	groups       []string
	subnets      []subnetwork
	templates    []launchTemplate
	profiles     []string           // names of instance profiles
	launches     map[string]*launch // by client token
	limit,
	vcpuLimit int
	minted   int // how many instances, reservations and addresses have been assigned
	requests int
}

// readEC2 reads a request of the Query protocol, to EC2 or to STS: the parameters are in the body of
// a POST or in the query of a GET.
func (s *Sandbox) readEC2(r *http.Request, body []byte) call {
	s.cloud.requests++
	id := fmt.Sprintf("0fa11bac-0000-4000-8000-%012x", s.cloud.requests)
	source := r.URL.RawQuery
	if len(body) > 0 {
		source = strings.TrimPrefix(source+"&"+string(body), "&")
	}
	values, err := url.ParseQuery(source)
	if values.Get("Version") == stsVersion {
		return s.readSTS(r, values, id)
	}
	c := call{system: "ec2", action: values.Get("Action"), text: queryText(values)}
	c.do = func() answer {
		if err != nil {
			return refusalAnswer(newRefusal("MalformedQueryString", "The query string is malformed"), 0, id)
		}
		response, said, refusal := s.cloud.run(r, values)
		if refusal != nil {
			return refusalAnswer(refusal, 0, id)
		}
		return responseAnswer(c.action, response, id, said)
	}
	c.fail = func(f *fault) answer {
		code, message := f.code, f.message
		if f.kind == throttle {
			code, message = "RequestLimitExceeded", "Request limit exceeded."
		}
		return refusalAnswer(newRefusal(code, "%s", cmp.Or(message, "The sandbox was told to answer with "+code+".")), f.status, id)
	}
	return c
}

// run checks what every action needs, and performs the action.
func (c *cloud) run(r *http.Request, values url.Values) (response, string, *refusal) {
	if refusal := authenticate(r, values); refusal != nil {
		return nil, "", refusal
	}
	if service := serviceOf(r, values); service != "" && service != "ec2" && service != "sts" {
		return nil, "", newRefusal(sandboxLimit, "The sandbox does not know the service %s; it knows ec2 and sts", service)
	}
	action, version := values.Get("Action"), values.Get("Version")
	if action == "" {
		return nil, "", newRefusal("MissingAction", "The request must contain the parameter Action")
	}
	i := slices.IndexFunc(operations(), func(o operation) bool { return o.action == action })
	switch {
	case version == "":
		return nil, "", newRefusal("MissingParameter", "The request must contain the parameter Version")
	case version != apiVersion:
		return nil, "", newRefusal(sandboxLimit, "The sandbox does not know the version %s of a service; it knows %s of EC2 and %s of STS", version, apiVersion, stsVersion)
	case i < 0:
		return nil, "", newRefusal(sandboxLimit, "The sandbox does not know the action %s; it knows %s", action, strings.Join(ec2Actions(), ", "))
	}
	return operations()[i].run(c, &params{action: action, left: unsigned(values)})
}

// unsigned returns the parameters of an action: those that are left without the signature.
func unsigned(values url.Values) url.Values {
	left := url.Values{}
	for name, value := range values {
		if name != "Action" && name != "Version" && !isSignature(name) {
			left[name] = value
		}
	}
	return left
}

// credentialOf returns the credential of a Signature Version 4, in the Authorization header or in the
// query: an access key, and what it signs for, such as "AKID/20260302/us-east-1/ec2/aws4_request".
func credentialOf(r *http.Request, values url.Values) string {
	header := r.Header.Get("Authorization")
	if header == "" {
		return values.Get("X-Amz-Credential")
	}
	rest, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256 ")
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "Credential=")
	credential, _, _ := strings.Cut(rest, ",")
	return credential
}

// serviceOf returns the service that a request is signed for, or "" if its signature names none.
func serviceOf(r *http.Request, values url.Values) string {
	if parts := strings.Split(credentialOf(r, values), "/"); len(parts) == 5 {
		return parts[3]
	}
	return ""
}

// authenticate requires a Signature Version 4 with an access key. It does not verify the signature
// and accepts any key.
func authenticate(r *http.Request, values url.Values) *refusal {
	credential := credentialOf(r, values)
	if credential == "" && r.Header.Get("Authorization") == "" {
		return newRefusal("MissingAuthenticationToken", "The request must contain a valid AWS access key ID and a signature")
	}
	if key, _, scoped := strings.Cut(credential, "/"); strings.TrimSpace(key) == "" || !scoped {
		return newRefusal("AuthFailure", "AWS was not able to validate the provided access credentials")
	}
	return nil
}

// isSignature reports whether a parameter belongs to the signature of a query, also of versions
// before 4. No Exchange shows these.
func isSignature(name string) bool {
	return strings.HasPrefix(name, "X-Amz-") || slices.Contains([]string{"AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SecurityToken", "Timestamp", "Expires"}, name)
}

// queryText formats a request for an Exchange: the action, and its parameters in order.
func queryText(values url.Values) string {
	var text []string
	for name := range unsigned(values) {
		value := values.Get(name)
		if value == "" || strings.ContainsAny(value, " \t\r\n\"=") {
			value = strconv.Quote(value)
		}
		text = append(text, name+"="+value)
	}
	slices.Sort(text)
	return strings.Join(append([]string{cmp.Or(values.Get("Action"), "?")}, text...), " ")
}

// A response is the answer of an action. It embeds head, which takes the request's id.
type response interface{ stamp(requestID string) }

type head struct {
	RequestID string `xml:"requestId"`
}

func (h *head) stamp(requestID string) { h.RequestID = requestID }

func responseAnswer(action string, r response, id, said string) answer {
	r.stamp(id)
	start := xml.StartElement{Name: xml.Name{Local: action + "Response"}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}}
	return xmlAnswer(http.StatusOK, r, start, id, said)
}

func xmlAnswer(status int, document any, start xml.StartElement, id, said string) answer {
	body := bytes.NewBufferString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	if err := xml.NewEncoder(body).EncodeElement(document, start); err != nil {
		panic("sandbox: an answer that cannot be written as XML: " + err.Error())
	}
	return answer{
		status:  status,
		kind:    "text/xml;charset=UTF-8",
		id:      id,
		body:    body.Bytes(),
		summary: strings.TrimSpace(fmt.Sprintf("%d %s", status, said)),
	}
}

// refusalAnswer returns an error answer. Status 0 stands for the status of the code.
func refusalAnswer(r *refusal, status int, id string) answer {
	type xmlError struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
	}
	document := struct {
		Errors    []xmlError `xml:"Errors>Error"`
		RequestID string     `xml:"RequestID"`
	}{Errors: []xmlError{{r.code, r.message}}, RequestID: id}
	return xmlAnswer(cmp.Or(status, statusOf(r.code)), document, xml.StartElement{Name: xml.Name{Local: "Response"}}, id, r.code)
}
