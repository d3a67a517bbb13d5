// Every command of llctl, by the file it lives in: `model create` is NewModelCreate() of model_create.cc. A command is
// known by its command line alone, so its class stays in its file.
#ifndef LL_CLIENTS_LLCTL_COMMANDS_COMMANDS_H_
#define LL_CLIENTS_LLCTL_COMMANDS_COMMANDS_H_

#include <memory>
#include <vector>

#include "clients/llctl/command.h"
#include "clients/llctl/command_tree.h"

namespace ll::llctl {

std::unique_ptr<Command> NewModelCreate();
std::unique_ptr<Command> NewModelList();
std::unique_ptr<Command> NewModelGet();
std::unique_ptr<Command> NewModelUpdate();
std::unique_ptr<Command> NewModelDelete();
std::unique_ptr<Command> NewModelSetAlias();
std::unique_ptr<Command> NewModelDeleteAlias();

std::unique_ptr<Command> NewModelVersionList();
std::unique_ptr<Command> NewModelVersionGet();
std::unique_ptr<Command> NewModelVersionUpdate();
std::unique_ptr<Command> NewModelVersionImport();
std::unique_ptr<Command> NewModelVersionExport();
std::unique_ptr<Command> NewModelVersionDelete();

std::unique_ptr<Command> NewTrainingJobCreate();
std::unique_ptr<Command> NewTrainingJobList();
std::unique_ptr<Command> NewTrainingJobGet();
std::unique_ptr<Command> NewTrainingJobWait();
std::unique_ptr<Command> NewTrainingJobLogs();
std::unique_ptr<Command> NewTrainingJobCancel();
std::unique_ptr<Command> NewTrainingJobDelete();

std::unique_ptr<Command> NewEndpointCreate();
std::unique_ptr<Command> NewEndpointList();
std::unique_ptr<Command> NewEndpointGet();
std::unique_ptr<Command> NewEndpointUpdate();
std::unique_ptr<Command> NewEndpointWait();
std::unique_ptr<Command> NewEndpointDelete();

std::unique_ptr<Command> NewBucketCreate();
std::unique_ptr<Command> NewBucketList();
std::unique_ptr<Command> NewBucketGet();
std::unique_ptr<Command> NewBucketDelete();

std::unique_ptr<Command> NewObjectPut();
std::unique_ptr<Command> NewObjectList();
std::unique_ptr<Command> NewObjectGet();
std::unique_ptr<Command> NewObjectDelete();

std::unique_ptr<Command> NewEventList();
std::unique_ptr<Command> NewEventWatch();

std::unique_ptr<Command> NewPredict();
std::unique_ptr<Command> NewStatus();
std::unique_ptr<Command> NewVersion();
std::unique_ptr<Command> NewConfig();

// These explain the tree they are in, which must outlive them.
std::unique_ptr<Command> NewCompletion();
std::unique_ptr<Command> NewComplete(const CommandTree& tree);
std::unique_ptr<Command> NewHelp(const CommandTree& tree);

// Adds all of them, in the order in which help shows them.
void AddAllCommands(CommandTree& tree);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_COMMANDS_COMMANDS_H_
