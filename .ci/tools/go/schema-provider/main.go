// schema-provider stands in for a Terraform provider that no package registry carries. It knows the
// names and types of its resources' arguments, read from schemas/<name>.json, and nothing else: enough
// for `terraform validate`, and for `terraform test` where the provider is mocked. Which provider it is
// follows from the name that it is started under, terraform-provider-<name>_v<version>.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

//go:embed schemas
var schemas embed.FS

// description is one file of schemas/.
type description struct {
	Provider  object
	Resources map[string]object
	Data      map[string]object
}

// object is a configuration block or a nested attribute.
type object struct {
	// Mode and Nesting are empty for what is not nested in another object.
	Mode       string
	Nesting    string
	Attributes map[string]string // name: "TYPE FLAG...", such as "list(object(a:string,b:bool)) computed"
	Nested     map[string]object // attributes that are objects
	Blocks     map[string]object
}

func main() {
	log.SetFlags(0)
	program := filepath.Base(os.Args[0])
	name, _, _ := strings.Cut(strings.TrimPrefix(program, "terraform-provider-"), "_v")
	text, err := schemas.ReadFile("schemas/" + name + ".json")
	if err != nil {
		log.Fatalf("%s: no schema of a provider `%s`", program, name)
	}
	var known description
	if err := json.Unmarshal(text, &known); err != nil {
		log.Fatalf("schemas/%s.json: %v", name, err)
	}
	factory := func() tfprotov6.ProviderServer { return &server{schemas: known.response()} }
	if err := tf6server.Serve("registry.terraform.io/hashicorp/"+name, factory); err != nil {
		log.Fatal(err)
	}
}

func (d description) response() *tfprotov6.GetProviderSchemaResponse {
	response := &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
		Provider:           &tfprotov6.Schema{Block: d.Provider.block()},
		ResourceSchemas:    map[string]*tfprotov6.Schema{},
		DataSourceSchemas:  map[string]*tfprotov6.Schema{},
	}
	for name, resource := range d.Resources {
		response.ResourceSchemas[name] = &tfprotov6.Schema{Block: resource.block()}
	}
	for name, data := range d.Data {
		response.DataSourceSchemas[name] = &tfprotov6.Schema{Block: data.block()}
	}
	return response
}

func (o object) block() *tfprotov6.SchemaBlock {
	block := &tfprotov6.SchemaBlock{Attributes: o.attributes()}
	nesting := map[string]tfprotov6.SchemaNestedBlockNestingMode{
		"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
		"list":   tfprotov6.SchemaNestedBlockNestingModeList,
		"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	}
	for name, inner := range o.Blocks {
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name,
			Block:    inner.block(),
			Nesting:  nesting[inner.Nesting],
		})
	}
	return block
}

func (o object) attributes() []*tfprotov6.SchemaAttribute {
	var attributes []*tfprotov6.SchemaAttribute
	for name, text := range o.Attributes {
		typeName, flags, _ := strings.Cut(text, " ")
		attributes = append(attributes, flagged(name, flags, &tfprotov6.SchemaAttribute{Type: typed(typeName)}))
	}
	nesting := map[string]tfprotov6.SchemaObjectNestingMode{
		"single": tfprotov6.SchemaObjectNestingModeSingle,
		"list":   tfprotov6.SchemaObjectNestingModeList,
		"set":    tfprotov6.SchemaObjectNestingModeSet,
		"map":    tfprotov6.SchemaObjectNestingModeMap,
	}
	for name, inner := range o.Nested {
		nested := &tfprotov6.SchemaObject{Attributes: inner.attributes(), Nesting: nesting[inner.Nesting]}
		attributes = append(attributes, flagged(name, inner.Mode, &tfprotov6.SchemaAttribute{NestedType: nested}))
	}
	return attributes
}

func flagged(name, flags string, attribute *tfprotov6.SchemaAttribute) *tfprotov6.SchemaAttribute {
	words := strings.Fields(flags)
	attribute.Name = name
	attribute.Required = slices.Contains(words, "required")
	attribute.Optional = slices.Contains(words, "optional")
	attribute.Computed = slices.Contains(words, "computed")
	attribute.Sensitive = slices.Contains(words, "sensitive")
	attribute.WriteOnly = slices.Contains(words, "write_only")
	return attribute
}

// fieldsOf splits `a:string,b:object(c:bool,d:bool)` at its outer commas.
func fieldsOf(text string) []string {
	var fields []string
	depth, start := 0, 0
	for at, letter := range text + "," {
		switch letter {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 && at > start {
				fields = append(fields, text[start:at])
			}
			if depth == 0 {
				start = at + 1
			}
		}
	}
	return fields
}

func typed(name string) tftypes.Type {
	outer, inner, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	switch outer {
	case "string":
		return tftypes.String
	case "bool":
		return tftypes.Bool
	case "number":
		return tftypes.Number
	case "list":
		return tftypes.List{ElementType: typed(inner)}
	case "set":
		return tftypes.Set{ElementType: typed(inner)}
	case "map":
		return tftypes.Map{ElementType: typed(inner)}
	case "object":
		fields := map[string]tftypes.Type{}
		for _, field := range fieldsOf(inner) {
			name, kind, _ := strings.Cut(field, ":")
			fields[name] = typed(kind)
		}
		return tftypes.Object{AttributeTypes: fields}
	}
	log.Fatalf("no such type: `%s`", name)
	return nil
}

// server answers what validation and mocked tests ask. Everything else is asked only when something
// real is read or changed, and there the embedded nil interface ends the process.
type server struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{ServerCapabilities: s.schemas.ServerCapabilities}
	for name := range s.schemas.ResourceSchemas {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.schemas.DataSourceSchemas {
		response.DataSources = append(response.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.schemas, nil
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *server) GetFunctions(context.Context, *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return &tfprotov6.GetFunctionsResponse{}, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return nil, fmt.Errorf("this stand-in knows only the provider's schema: mock it")
}
