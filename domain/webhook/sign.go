package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The form of Standard Webhooks.
const (
	headerID        = "Webhook-Id"
	headerTime      = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
	secretPrefix    = "whsec_"
)

// key is the secret with a name; 256 bits, stored nowhere.
func (rm *Room) key(name string) []byte {
	sum := sha256.Sum256([]byte(rm.Derive("webhook.secret", name)))
	return sum[:]
}

// secretText is a secret as the receiver enters it.
func (rm *Room) secretText(name string) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(rm.key(name))
}

// sign makes the headers of a call: one signature for each secret that is valid
// at the time.
func (rm *Room) sign(e Endpoint, id string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	signatures := []string{signature(rm.key(e.secret), id, stamp, body)}
	if e.before != "" && at.Before(e.Overlaps) {
		signatures = append(signatures, signature(rm.key(e.before), id, stamp, body))
	}
	return http.Header{
		"Content-Type": {"application/json"}, headerID: {id}, headerTime: {stamp}, headerSignature: {strings.Join(signatures, " ")},
	}
}

func signature(key []byte, id, stamp string, body []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + stamp + "."))
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// message is what is sent: verbs and ids.
type message struct {
	Type string    `json:"type"` // the verb
	Time time.Time `json:"timestamp"`
	Data subject   `json:"data"`
}

type subject struct {
	Org     string `json:"org"`
	Subject string `json:"subject"`
	Seq     int64  `json:"seq"` // number of the journal's entry; 0 for a test
}

func (d Delivery) body() ([]byte, error) {
	return json.Marshal(message{d.Verb, d.Happened, subject{d.Org, d.Subject, d.Seq}})
}
