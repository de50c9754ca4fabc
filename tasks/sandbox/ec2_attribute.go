package sandbox

import (
	"encoding/base64"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// attributes are what only DescribeInstanceAttribute and ModifyInstanceAttribute show and change.
type attributes struct {
	protected     bool   // against a termination
	stopProtected bool   // against a stop
	shutdown      string // what the instance does when it shuts itself down; empty means stop
	userData      string // in base64
}

// An attribute is an attribute of an instance.
type attribute struct {
	name  string
	value func(*instance) string
	check func(value string) *refusal // nil if the attribute cannot be changed
	set   func(*instance, string)
	still bool // it can be changed only while the instance is stopped
}

// attributeTable returns the attributes that the sandbox knows.
func attributeTable() []attribute {
	return []attribute{
		{
			name: "disableApiStop", check: checkBoolean,
			value: func(i *instance) string { return strconv.FormatBool(i.stopProtected) },
			set:   func(i *instance, value string) { i.stopProtected = value == "true" },
		},
		{
			name: "disableApiTermination", check: checkBoolean,
			value: func(i *instance) string { return strconv.FormatBool(i.protected) },
			set:   func(i *instance, value string) { i.protected = value == "true" },
		},
		{
			name: "instanceInitiatedShutdownBehavior", check: checkShutdown,
			value: func(i *instance) string { return shutdownOr(i.shutdown) },
			set:   func(i *instance, value string) { i.shutdown = value },
		},
		{
			name: "instanceType", check: checkType, still: true,
			value: func(i *instance) string { return i.kind },
			set:   func(i *instance, value string) { i.kind = value },
		},
		{
			name: "userData", check: checkUserData, still: true,
			value: func(i *instance) string { return i.userData },
			set:   func(i *instance, value string) { i.userData = value },
		},
		{name: "kernel", value: func(i *instance) string { return i.kernel }},
		{name: "ramdisk", value: func(i *instance) string { return i.ramdisk }},
		{name: "rootDeviceName", value: func(*instance) string { return rootDevice }},
	}
}

func shutdownOr(behavior string) string {
	if behavior == "" {
		return "stop"
	}
	return behavior
}

func checkBoolean(value string) *refusal {
	if value == "true" || value == "false" {
		return nil
	}
	return newRefusal("InvalidParameterValue", "Invalid value '%s'. It must be true or false.", value)
}

func checkShutdown(value string) *refusal {
	if value == "stop" || value == "terminate" {
		return nil
	}
	return newRefusal("InvalidParameterValue", "Invalid value '%s' for InstanceInitiatedShutdownBehavior. It must be stop or terminate.", value)
}

func checkType(value string) *refusal {
	if vcpus(value) > 0 {
		return nil
	}
	return newRefusal("InvalidInstanceAttributeValue", "Invalid value '%s' for InstanceType.", value)
}

// maxUserData is how long user data may be before it is encoded, in bytes.
const maxUserData = 16 << 10

func checkUserData(value string) *refusal {
	data, err := base64.StdEncoding.DecodeString(value)
	switch {
	case err != nil:
		return newRefusal("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(data) > maxUserData:
		return newRefusal("InvalidParameterValue", "User data is limited to %d bytes", maxUserData)
	}
	return nil
}

// plainUserData returns user data as plain text.
func plainUserData(encoded string) string {
	data, _ := base64.StdEncoding.DecodeString(encoded) // checkUserData accepted it
	return string(data)
}

// attribute returns the attribute with a name, such as userData.
func (p *params) attribute(name string) attribute {
	all := attributeTable()
	n := slices.IndexFunc(all, func(a attribute) bool { return a.name == name })
	if n < 0 {
		var known []string
		for _, a := range all {
			known = append(known, a.name)
		}
		if name != "" {
			p.refuse(sandboxLimit, "The sandbox does not know the attribute %s of an instance; it knows %s", name, strings.Join(known, ", "))
		}
		return attribute{}
	}
	return all[n]
}

// launchAttributes reads the attributes that RunInstances sets. Their parameters have the same names,
// without ".Value".
func (p *params) launchAttributes() attributes {
	of := &instance{}
	for _, name := range []string{"disableApiStop", "disableApiTermination", "instanceInitiatedShutdownBehavior"} {
		if value := p.text(parameterOf(name)); value != "" {
			a := p.attribute(name)
			p.accept(a.check(value))
			a.set(of, value)
		}
	}
	return of.attributes
}

// parameterOf returns the name of the parameter for an attribute. It begins with an upper-case letter.
func parameterOf(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// oneInstance reads the identifier of the instance whose attribute an action reads or changes.
func (p *params) oneInstance() string {
	id := p.required("InstanceId")
	if id != "" && !instanceForm(id) {
		p.refuse("InvalidInstanceID.Malformed", "Invalid id: \"%s\"", id)
	}
	return id
}

// describeInstanceAttribute returns one attribute of an instance.
func (c *cloud) describeInstanceAttribute(p *params) (response, string, *refusal) {
	id, a := p.oneInstance(), p.attribute(p.required("Attribute"))
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	found, refusal := c.find([]string{id})
	if refusal != nil {
		return nil, "", refusal
	}
	return &attributeXML{ID: id, Attribute: namedXML{XMLName: xml.Name{Local: a.name}, Value: a.value(found[0])}}, a.name, nil
}

type attributeXML struct {
	head
	ID        string `xml:"instanceId"`
	Attribute namedXML
}

// A namedXML is an attribute; its element has the name of the attribute.
type namedXML struct {
	XMLName xml.Name
	Value   string `xml:"value,omitempty"`
}

// modifyInstanceAttribute changes one attribute of an instance. The request names it by a parameter
// such as DisableApiStop.Value, or, in the older form, by the parameters Attribute and Value.
// Assumed: an instance that is terminated, or will be, has no attribute that can be changed.
func (c *cloud) modifyInstanceAttribute(p *params) (response, string, *refusal) {
	id, a, value := p.oneInstance(), attribute{}, ""
	if name := p.text("Attribute"); name != "" {
		a, value = p.attribute(name), p.text("Value")
	}
	for _, other := range attributeTable() {
		parameter := parameterOf(other.name) + ".Value"
		if _, ok := p.left[parameter]; !ok || other.check == nil {
			continue
		}
		if a.name != "" {
			p.refuse("InvalidParameterCombination", "Fields for multiple attribute types specified: %s, %s", a.name, other.name)
		}
		a, value = other, p.text(parameter)
	}
	switch {
	case a.name == "":
	case a.check == nil:
		p.refuse(sandboxLimit, "The sandbox cannot change the attribute %s of an instance", a.name)
	default:
		p.accept(a.check(value))
	}
	if refusal := p.finish(); refusal != nil {
		return nil, "", refusal
	}
	if a.name == "" {
		return nil, "", newRefusal("InvalidParameterCombination", "No attributes specified.")
	}
	found, refusal := c.find([]string{id})
	switch {
	case refusal != nil:
		return nil, "", refusal
	case a.still && found[0].state != stopped:
		return nil, "", newRefusal("IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state.", id)
	case found[0].state == terminated || found[0].state == shuttingDown:
		return nil, "", newRefusal("IncorrectInstanceState", "The instance '%s' is not in a state in which its attributes can be changed.", id)
	}
	a.set(found[0], value)
	return &returnXML{Return: true}, a.name, nil
}
