// Everything a program can ask of an llserver, in one object.
//
//   LL_ASSIGN_OR_RETURN(Client client, Client::Open({.address = "127.0.0.1:7070"}));
//   LL_ASSIGN_OR_RETURN(v1::TrainingJob job, client.training().WaitForTrainingJob("trainingJobs/mnist-zero"));
//
// Results are absl::StatusOr of the ll.v1 messages. Errors carry the server's reason and details (base/error_reason.h,
// docs/errors.md). Every call has a deadline; reads, and mutations by their request id, are repeated when the server is
// briefly away; listings page by themselves; waits go on over broken connections.
//
// Copyable: copies share one connection. Thread-safe.
#ifndef LL_CLIENTS_CPP_CLIENT_H_
#define LL_CLIENTS_CPP_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/endpoint_client.h"
#include "clients/cpp/event_client.h"
#include "clients/cpp/model_client.h"
#include "clients/cpp/object_client.h"
#include "clients/cpp/prediction_client.h"
#include "clients/cpp/server_client.h"
#include "clients/cpp/training_client.h"

namespace ll::client {

class Client {
 public:
  // As Connection::Open: never waits for the server.
  static absl::StatusOr<Client> Open(const ConnectionOptions& options = {}) {
    LL_ASSIGN_OR_RETURN(const Connection connection, Connection::Open(options));
    return Client(connection);
  }

  explicit Client(const Connection& connection)
      : address_(connection.address()),
        models_(connection),
        objects_(connection),
        training_(connection),
        endpoints_(connection),
        predictions_(connection),
        events_(connection),
        server_(connection) {}

  const std::string& address() const { return address_; }
  const ModelClient& models() const { return models_; }
  const ObjectClient& objects() const { return objects_; }
  const TrainingClient& training() const { return training_; }
  const EndpointClient& endpoints() const { return endpoints_; }
  const PredictionClient& predictions() const { return predictions_; }
  const EventClient& events() const { return events_; }
  const ServerClient& server() const { return server_; }

 private:
  std::string address_;
  ModelClient models_;
  ObjectClient objects_;
  TrainingClient training_;
  EndpointClient endpoints_;
  PredictionClient predictions_;
  EventClient events_;
  ServerClient server_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_CLIENT_H_
