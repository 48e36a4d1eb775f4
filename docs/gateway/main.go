// Command gateway is an example of a gateway with a login page and withdrawals, which obeys
// the verdicts of a ledger. It reads AUTHLEDGER_SERVER, AUTHLEDGER_TOKEN (or, over NATS,
// AUTHLEDGER_NAME and AUTHLEDGER_KEY) and DEMO_PASSWORD. Its argument is the address to
// listen on. docs/client.md explains the calls.
package main

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"authledger/adapters/client"
	"authledger/domain"
)

type gateway struct{ ledger *client.Client }

func main() {
	ledger, err := client.New(client.Options{
		URL: os.Getenv("AUTHLEDGER_SERVER"), Token: os.Getenv("AUTHLEDGER_TOKEN"), Patience: 5 * time.Second,
		NATS: client.NATS{Name: os.Getenv("AUTHLEDGER_NAME"), Seed: os.Getenv("AUTHLEDGER_KEY")},
	})
	if err != nil || len(os.Args) != 2 {
		log.Fatal("usage: gateway host:port; ", err)
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	g := &gateway{ledger}
	http.HandleFunc("POST /login", g.login)
	http.HandleFunc("POST /withdraw", g.withdraw)
	log.Println("listening on", listener.Addr())
	server := &http.Server{ReadTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

// login reserves an attempt before it checks the password. It sends the same answer for
// every refusal, so that the answer does not show the reason.
func (g *gateway) login(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	report := context.WithoutCancel(r.Context()) // the report must also arrive if the visitor disconnects
	login, err := g.ledger.BeginLogin(r.Context(), domain.LoginBegin{User: user, Attempt: uuid.NewString()})
	switch {
	case err != nil:
		log.Println("begin:", err)
		http.Error(w, "try again in a moment", http.StatusServiceUnavailable)
		return
	case !login.Allowed():
		http.Error(w, "no", http.StatusForbidden)
		return
	case !right(password):
		if _, _, err := login.Failed(report, "bad_credentials"); err != nil {
			log.Println("failed:", err) // the attempt lapses in five minutes
		}
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	verdict, _, err := login.Succeeded(report, "", "")
	if err != nil || !verdict.Accepted() {
		http.Error(w, "try again in a moment", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "welcome")
}

func right(password string) bool {
	return subtle.ConstantTimeCompare([]byte(password), []byte(os.Getenv("DEMO_PASSWORD"))) == 1
}

// withdraw requests a withdrawal. If the visitor submits a form twice, both requests have the
// id of the form, so the ledger records one withdrawal.
func (g *gateway) withdraw(w http.ResponseWriter, r *http.Request) {
	verdict, result, err := g.ledger.RequestWithdrawal(r.Context(), domain.WithdrawalRequest{
		Withdrawal: r.FormValue("id"), Account: r.FormValue("account"), User: r.FormValue("user"),
		Device: r.FormValue("device"), Amount: r.FormValue("amount"), Currency: "USD",
	})
	switch {
	case err != nil:
		log.Println("withdraw:", err)
		http.Error(w, "try again in a moment", http.StatusServiceUnavailable)
	case !verdict.Accepted() && len(result.TryDevices) > 0:
		http.Error(w, fmt.Sprint(verdict.Reason, ", try ", strings.Join(result.TryDevices, " or ")), http.StatusForbidden)
	case !verdict.Accepted() && !result.FreesAt.IsZero():
		http.Error(w, fmt.Sprint(verdict.Reason, ", try after ", result.FreesAt.Format(time.RFC3339)), http.StatusForbidden)
	case !verdict.Accepted():
		http.Error(w, string(verdict.Reason), http.StatusForbidden)
	default:
		fmt.Fprintln(w, "approved")
	}
}
