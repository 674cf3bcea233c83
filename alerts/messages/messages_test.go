// Package messages holds the templates of messages, and renders them as Grafana 12.2.0 and Alertmanager do: with their own
// receivers, so that what is compared is the body that Slack and DingTalk get.
package messages

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/grafana/alerting/images"
	"github.com/grafana/alerting/receivers"
	"github.com/grafana/alerting/receivers/dinding"
	"github.com/grafana/alerting/receivers/slack"
	"github.com/grafana/alerting/templates"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/notify"
	amslack "github.com/prometheus/alertmanager/notify/slack"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/types"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

var write = flag.Bool("write", false, "write the golden files, instead of comparing with them")

const (
	grafanaURL      = "https://grafana.example.com/"
	alertmanagerURL = "https://alertmanager.example.com"
)

var languages = []string{"en", "zh"}

// webhook is what of a webhook's body makes alerts: relay/testdata has one for each case.
type webhook struct {
	Alerts []struct {
		Status              string
		Labels, Annotations map[string]string
		StartsAt, EndsAt    time.Time
	}
}

// read returns alerts as an Alertmanager has them. Those that fire have an end as well: the time when they are forgotten unless
// they are sent again.
func read(t *testing.T, name string) []*types.Alert {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "relay", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var body webhook
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	var alerts []*types.Alert
	for _, a := range body.Alerts {
		alert := &types.Alert{Alert: model.Alert{Labels: model.LabelSet{}, Annotations: model.LabelSet{}, StartsAt: a.StartsAt, EndsAt: a.EndsAt}}
		if a.Status == "firing" {
			alert.EndsAt = time.Now().Add(time.Hour)
		}
		for name, value := range a.Labels {
			alert.Labels[model.LabelName(name)] = model.LabelValue(value)
		}
		for name, value := range a.Annotations {
			alert.Annotations[model.LabelName(name)] = model.LabelValue(value)
		}
		alerts = append(alerts, alert)
	}
	return alerts
}

func grouped() context.Context {
	ctx := notify.WithGroupKey(context.Background(), "{}:{}")
	return notify.WithReceiverName(notify.WithGroupLabels(ctx, model.LabelSet{}), "oncall")
}

// service stands in for Slack, which answers "ok", and keeps what it gets.
func service(t *testing.T) (address string, body *[]byte) {
	t.Helper()
	body = new([]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, "ok")
	}))
	t.Cleanup(server.Close)
	return server.URL, body
}

func grafanaTemplate(t *testing.T, language string) *templates.Template {
	t.Helper()
	text, err := os.ReadFile("grafana." + language + ".tmpl")
	if err != nil {
		t.Fatal(err)
	}
	group := templates.TemplateDefinition{Name: "Goroutine Stack Pressure", Template: string(text), Kind: templates.GrafanaKind}
	if err := group.Validate(); err != nil {
		t.Fatal(err)
	}
	factory, err := templates.NewFactory([]templates.TemplateDefinition{group}, log.NewNopLogger(), grafanaURL, "1")
	if err != nil {
		t.Fatal(err)
	}
	made, err := factory.GetTemplate(templates.GrafanaKind)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A template that fails is not an error of Grafana's: it logs it, and sends what there is until then.
func noErrors(t *testing.T) log.Logger {
	return log.LoggerFunc(func(keyvals ...any) error {
		if line := fmt.Sprint(keyvals...); strings.Contains(line, "template") || strings.Contains(line, "error") {
			t.Error(line)
		}
		return nil
	})
}

func grafanaSlack(t *testing.T, language string, alerts []*types.Alert) []byte {
	t.Helper()
	address, body := service(t)
	settings := fmt.Sprintf(`{"url": %q, "title": "{{ template \"gsp.slack.title\" . }}", "text": "{{ template \"gsp.slack.text\" . }}"}`, address)
	c, err := slack.NewConfig(json.RawMessage(settings), func(_, fallback string) string { return fallback })
	if err != nil {
		t.Fatal(err)
	}
	sender := slack.New(c, receivers.Metadata{}, grafanaTemplate(t, language), nil, &images.UnavailableProvider{}, noErrors(t), "12.2.0")
	if _, err := sender.Notify(grouped(), alerts...); err != nil {
		t.Fatal(err)
	}
	// The time of the message.
	return regexp.MustCompile(`,"ts":\d+`).ReplaceAll(*body, nil)
}

// kept is a WebhookSender that sends nothing.
type kept struct{ body string }

func (k *kept) SendWebhook(_ context.Context, _ log.Logger, settings *receivers.SendWebhookSettings) error {
	k.body = settings.Body
	return nil
}

func grafanaDingTalk(t *testing.T, language string, alerts []*types.Alert) []byte {
	t.Helper()
	settings := `{"url": "http://robot", "msgType": "actionCard", "title": "{{ template \"gsp.dingtalk.title\" . }}", "message": "{{ template \"gsp.dingtalk.text\" . }}"}`
	c, err := dinding.NewConfig(json.RawMessage(settings))
	if err != nil {
		t.Fatal(err)
	}
	var sent kept
	sender := dinding.New(c, receivers.Metadata{}, grafanaTemplate(t, language), &sent, noErrors(t))
	if _, err := sender.Notify(grouped(), alerts...); err != nil {
		t.Fatal(err)
	}
	return []byte(sent.body)
}

// alertmanagerSlack reads the receiver from the example that we ship.
func alertmanagerSlack(t *testing.T, language string, alerts []*types.Alert) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "alertmanager", "alertmanager.yml"))
	if err != nil {
		t.Fatal(err)
	}
	// Where the secrets are is for whoever installs it.
	c, err := config.Load(string(text))
	if err != nil {
		t.Fatal(err)
	}
	made, err := template.FromGlobs([]string{"alertmanager." + language + ".tmpl"})
	if err != nil {
		t.Fatal(err)
	}
	if made.ExternalURL, err = url.Parse(alertmanagerURL); err != nil {
		t.Fatal(err)
	}
	var receiver *config.SlackConfig
	for _, r := range c.Receivers {
		if len(r.SlackConfigs) > 0 {
			receiver = r.SlackConfigs[0]
		}
	}
	address, body := service(t)
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	receiver.APIURL, receiver.APIURLFile, receiver.HTTPConfig = &config.SecretURL{URL: parsed}, "", &commonconfig.HTTPClientConfig{}
	sender, err := amslack.New(receiver, made, noErrors(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sender.Notify(grouped(), alerts...); err != nil {
		t.Fatal(err)
	}
	return *body
}

// TestMessages compares with testdata/*.json, which are made anew with -write.
func TestMessages(t *testing.T) {
	for name, render := range map[string]func(*testing.T, string, []*types.Alert) []byte{
		"slack": grafanaSlack, "dingtalk": grafanaDingTalk, "alertmanager-slack": alertmanagerSlack,
	} {
		for _, language := range languages {
			for _, about := range []string{"firing", "resolved", "group", "hostile", "broken"} {
				golden := filepath.Join("testdata", strings.Join([]string{about, name, language, "json"}, "."))
				t.Run(filepath.Base(golden), func(t *testing.T) {
					body := render(t, language, read(t, "grafana-"+about))
					var pretty bytes.Buffer
					encoder := json.NewEncoder(&pretty)
					encoder.SetEscapeHTML(false)
					encoder.SetIndent("", "  ")
					var value any
					if err := json.Unmarshal(body, &value); err != nil {
						t.Fatalf("%v: %s", err, body)
					}
					if err := encoder.Encode(value); err != nil {
						t.Fatal(err)
					}
					if *write {
						if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(golden)
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(want, pretty.Bytes()) {
						t.Errorf("%s is not as in the golden file; go test -write makes it anew. It is now\n%s", golden, pretty.Bytes())
					}
				})
			}
		}
	}
}

// A hundred alerts at once are told in a message that DingTalk takes: up to 20,000 bytes.
func TestLargeGroupsFitIntoAMessage(t *testing.T) {
	first := read(t, "grafana-firing")[0]
	var alerts []*types.Alert
	for i := range 100 {
		alert := *first
		alert.Labels = first.Labels.Clone()
		alert.Labels["instance"] = model.LabelValue(fmt.Sprintf("10.0.%d.%d:6060", i/10, i))
		alerts = append(alerts, &alert)
	}
	for _, language := range languages {
		if body := grafanaDingTalk(t, language, alerts); len(body) > 20_000 {
			t.Errorf("%s: %d bytes", language, len(body))
		}
	}
}
