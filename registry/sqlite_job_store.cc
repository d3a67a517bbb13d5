#include "registry/sqlite_job_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "registry/sqlite_table.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

const SqliteTable& Jobs() {
  static const SqliteTable& table =
      *new SqliteTable("jobs", {"id"},
                       HeaderAnd({"state", "model_id", "spec", "keep_model", "metrics", "warnings", "error",
                                  "produced_version", "start_time", "end_time", "progress", "candidates"}),
                       {}, "job_labels");
  return table;
}

void BindJob(Statement& statement, const JobRecord& job) {
  BindHeader(statement, job.header);
  statement.Bind(StateName(job.state), job.spec.model_id, ToJson(job.spec), job.keep_model, ToJson(job.metrics),
                 ToJson(job.warnings), ToJson(job.error), job.produced_version, job.start_time, job.end_time,
                 ToJson(job.progress), ToJson(job.candidates));
  statement.Bind(job.id);
}

JobRecord ReadJob(Row& row) {
  JobRecord job;
  job.id = row.Text();
  ReadHeader(row, &job.header);
  row.State(&job.state);
  job.spec.model_id = row.Text();
  row.Json(&job.spec);
  job.keep_model = row.Bool();
  row.Json(&job.metrics);
  row.Json(&job.warnings);
  row.Json(&job.error);
  job.produced_version = row.Integer();
  job.start_time = row.OptionalTime();
  job.end_time = row.OptionalTime();
  row.Json(&job.progress);
  row.Json(&job.candidates);
  return job;
}

SqlClause JobClause(const Condition& condition) {
  if (condition.field == "state") return TextClause("state", condition);
  if (condition.field == "model") return TextClause("model_id", condition);
  return NameClause("id", "trainingJobs/", condition);
}

}  // namespace

absl::StatusOr<JobRecord> SqliteJobStore::Get(const std::string& id) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Jobs().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
  if (!is_row) return JobNotFound(id);
  Row row(select);
  JobRecord job = ReadJob(row);
  LL_RETURN_IF_ERROR(row.status());
  return job;
}

absl::StatusOr<Page<JobRecord>> SqliteJobStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields, StateNames<JobState>()));
  ListPlan plan{.table = Jobs(), .order = {"id"}, .after = {}, .scope = {}, .clause = JobClause};
  if (!query.after.name.empty()) plan.after = {query.after.name};
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  return ReadPage<JobRecord>(select, query, ReadJob, [](const JobRecord& job) { return job.id; });
}

absl::StatusOr<std::vector<JobRecord>> SqliteJobStore::ListUnfinished() const {
  std::vector<std::string> states;
  for (const absl::string_view name : StateNames<JobState>()) {
    if (!IsTerminal(*ParseState<JobState>(name))) states.push_back(absl::StrCat("'", name, "'"));
  }
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_.Prepare(absl::StrCat(Jobs().select(), " WHERE state IN (",
                                                       absl::StrJoin(states, ", "), ") ORDER BY create_time, id")));
  std::vector<JobRecord> jobs;
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
    if (!is_row) return jobs;
    Row row(select);
    jobs.push_back(ReadJob(row));
    LL_RETURN_IF_ERROR(row.status());
  }
}

absl::StatusOr<JobRecord> SqliteJobStore::Insert(const JobRecord& record) {
  const absl::Status existing = Get(record.id).status();
  if (existing.ok()) return AlreadyExists(JobName(record.id));
  if (!absl::IsNotFound(existing)) return existing;
  JobRecord stored = record;
  stored.header = events_.Stamp(record.header, events_.now());
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(Jobs().insert()));
  BindJob(insert, stored);
  LL_RETURN_IF_ERROR(insert.Run());
  LL_RETURN_IF_ERROR(events_.Append("create", JobName(record.id), "", ToJson(stored)));
  return stored;
}

absl::StatusOr<JobRecord> SqliteJobStore::Update(const JobRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const JobRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) return EtagMismatch(JobName(record.id));
  JobRecord after = record;
  after.header = events_.Stamp(record.header, before.header.create_time);
  LL_ASSIGN_OR_RETURN(Statement update, connection_.Prepare(Jobs().update()));
  BindJob(update, after);
  LL_RETURN_IF_ERROR(update.Run());
  LL_RETURN_IF_ERROR(events_.Append(verb, JobName(record.id), ToJson(before), ToJson(after)));
  return after;
}

absl::Status SqliteJobStore::UpdateProgress(const std::string& id, const JobProgress& progress,
                                            const std::vector<CandidateRecord>& candidates) {
  LL_ASSIGN_OR_RETURN(Statement update,
                      connection_.Prepare("UPDATE jobs SET progress = ?, candidates = ? WHERE id = ?"));
  LL_RETURN_IF_ERROR(update.Bind(ToJson(progress), ToJson(candidates), id).Run());
  return connection_.changes() == 0 ? JobNotFound(id) : absl::OkStatus();
}

absl::Status SqliteJobStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const JobRecord before, Get(id));
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Jobs().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(id).Run());
  return events_.Append("delete", JobName(id), ToJson(before), "");
}

}  // namespace ll::registry
