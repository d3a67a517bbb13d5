#include "services/rpc/health_states.h"

#include <memory>

#include "gtest/gtest.h"

namespace ll::rpc {
namespace {

TEST(HealthStatesTest, TheServerAndItsServicesGoTogether) {
  HealthStates states;
  states.AddService("ll.v1.ModelService");
  EXPECT_EQ(states.Get(""), HealthState::kNotServing);
  states.SetServing(true);
  EXPECT_EQ(states.Get(""), HealthState::kServing);
  EXPECT_EQ(states.Get("ll.v1.ModelService"), HealthState::kServing);
  EXPECT_EQ(states.Get("ll.v1.Other"), HealthState::kUnknown);
}

TEST(HealthStatesTest, EndpointsHaveTheirOwnState) {
  HealthStates states;
  EXPECT_EQ(states.Get("endpoints/e"), HealthState::kUnknown);
  states.SetEndpoint("endpoints/e", false);
  EXPECT_EQ(states.Get("endpoints/e"), HealthState::kNotServing);
  states.SetEndpoint("endpoints/e", true);
  EXPECT_EQ(states.Get("endpoints/e"), HealthState::kServing);
  states.RemoveEndpoint("endpoints/e");
  EXPECT_EQ(states.Get("endpoints/e"), HealthState::kUnknown);
}

TEST(HealthStatesTest, ADrainingServerServesNothing) {
  HealthStates states;
  states.SetEndpoint("endpoints/e", true);
  states.SetServing(true);
  states.Drain();
  states.SetServing(true);
  EXPECT_EQ(states.Get(""), HealthState::kNotServing);
  EXPECT_EQ(states.Get("endpoints/e"), HealthState::kNotServing);
  EXPECT_EQ(states.Get("endpoints/x"), HealthState::kUnknown);
}

TEST(HealthStatesTest, ListenersHearOfEveryChangeWhileTheyAreRegistered) {
  HealthStates states;
  int heard = 0;
  auto registration = states.OnChange([&] { ++heard; });
  states.SetServing(true);
  states.SetEndpoint("endpoints/e", true);
  states.RemoveEndpoint("endpoints/e");
  states.AddService("x");
  states.Drain();
  EXPECT_EQ(heard, 5);
  registration.reset();
  states.SetServing(false);
  EXPECT_EQ(heard, 5);
}

}  // namespace
}  // namespace ll::rpc
