package node

import (
	"context"
	"errors"

	"authledger/adapters/intake"
	"authledger/adapters/natsconn"
	"authledger/eventstore/natsd"
)

// IntakeServer is a separate NATS server with an intake. It accepts the messages of callers
// even while the node is down.
type IntakeServer struct {
	*natsd.Server
	messages *Messaging
}

// StartIntakeServer starts a server, creates the streams of the intake, and accepts messages.
// It does not wait for a node to connect.
func StartIntakeServer(ctx context.Context, config natsd.Config, realm string, o intake.Options) (*IntakeServer, error) {
	server, err := natsd.Start(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &IntakeServer{Server: server}
	if s.messages, err = connectNATS(natsconn.Server{InProcess: server, User: natsd.NodeUser}, realm, o); err != nil {
		return nil, errors.Join(err, server.Stop())
	}
	if err = s.open(ctx); err != nil {
		return nil, errors.Join(err, s.messages.close(), server.Stop())
	}
	return s, nil
}

func (s *IntakeServer) open(ctx context.Context) error {
	if err := s.messages.CreateStreams(ctx); err != nil {
		return err
	}
	// While a guard exists, a stop restores the old files and thereby deletes new messages. So
	// remove the guards before the first caller can publish.
	if err := errors.Join(s.Release(natsd.NodeAccount), s.Release(natsd.LogAccount)); err != nil {
		return err
	}
	if err := s.messages.Admit(ctx); err != nil {
		return err
	}
	return s.Listen()
}

// Close stops the admission, then the server.
func (s *IntakeServer) Close() error {
	return errors.Join(s.messages.close(), s.Stop())
}
