#include "clients/llctl/commands/commands.h"

namespace ll::llctl {

void AddAllCommands(CommandTree& tree) {
  for (const auto& make : {NewModelCreate,
                           NewModelList,
                           NewModelGet,
                           NewModelUpdate,
                           NewModelDelete,
                           NewModelSetAlias,
                           NewModelDeleteAlias,
                           NewModelVersionList,
                           NewModelVersionGet,
                           NewModelVersionUpdate,
                           NewModelVersionImport,
                           NewModelVersionExport,
                           NewModelVersionDelete,
                           NewTrainingJobCreate,
                           NewTrainingJobList,
                           NewTrainingJobGet,
                           NewTrainingJobWait,
                           NewTrainingJobLogs,
                           NewTrainingJobCancel,
                           NewTrainingJobDelete,
                           NewEndpointCreate,
                           NewEndpointList,
                           NewEndpointGet,
                           NewEndpointUpdate,
                           NewEndpointWait,
                           NewEndpointDelete,
                           NewBucketCreate,
                           NewBucketList,
                           NewBucketGet,
                           NewBucketDelete,
                           NewObjectPut,
                           NewObjectList,
                           NewObjectGet,
                           NewObjectDelete,
                           NewEventList,
                           NewEventWatch,
                           NewPredict,
                           NewStatus,
                           NewVersion,
                           NewConfig,
                           NewCompletion}) {
    tree.Add(make());
  }
  tree.Add(NewComplete(tree));
  tree.Add(NewHelp(tree));
}

}  // namespace ll::llctl
