-- Columns are what is filtered, ordered, joined or checked; the nested rest of a record is JSON as record_json.h writes
-- it. Times are nanoseconds since 1970 (UTC). Keys compare bytewise (SQLite's BINARY collation).
--
-- Each kind has a table of its labels for filters, kept by triggers so that it cannot disagree with the labels column.
-- Clustered by key and value, it finds the rows of a label without looking at the others.

-- Models and their versions.

CREATE TABLE models (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  description TEXT NOT NULL
) STRICT;
CREATE INDEX models_by_create_time ON models (create_time, id);
CREATE INDEX models_by_update_time ON models (update_time, id);

-- The highest version number ever given. Outlives the model: a number names one artifact for ever.
CREATE TABLE model_numbers (
  model_id TEXT NOT NULL PRIMARY KEY,
  highest INTEGER NOT NULL CHECK (highest > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
  row_id INTEGER PRIMARY KEY,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE RESTRICT,
  number INTEGER NOT NULL CHECK (number > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('READY', 'CORRUPT', 'DELETING')),
  state_reason TEXT NOT NULL,
  description TEXT NOT NULL,
  artifact_sha256 TEXT NOT NULL,
  artifact_bytes INTEGER NOT NULL,
  algorithm TEXT NOT NULL,
  hyperparameters TEXT NOT NULL,
  schema TEXT NOT NULL,
  metrics TEXT NOT NULL,
  training_job TEXT NOT NULL,
  lineage TEXT NOT NULL,
  UNIQUE (model_id, number)
) STRICT;
CREATE INDEX versions_by_create_time ON versions (create_time, model_id, number);
CREATE INDEX versions_by_update_time ON versions (update_time, model_id, number);
CREATE INDEX versions_by_artifact ON versions (artifact_sha256);
CREATE INDEX versions_ready ON versions (model_id, number) WHERE state = 'READY';

CREATE TABLE model_aliases (
  model_id TEXT NOT NULL,
  alias TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (model_id, alias),
  FOREIGN KEY (model_id, number) REFERENCES versions (model_id, number) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX model_aliases_by_number ON model_aliases (model_id, number);

-- Training jobs.

CREATE TABLE jobs (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('QUEUED', 'PREPARING', 'TRAINING', 'UPLOADING', 'SUCCEEDED', 'FAILED',
                                       'CANCELLING', 'CANCELLED')),
  model_id TEXT NOT NULL,
  spec TEXT NOT NULL,
  keep_model INTEGER NOT NULL CHECK (keep_model IN (0, 1)),
  metrics TEXT NOT NULL,
  warnings TEXT NOT NULL,
  error TEXT NOT NULL,
  produced_version INTEGER NOT NULL,
  start_time INTEGER,
  end_time INTEGER,
  progress TEXT NOT NULL,
  candidates TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_create_time ON jobs (create_time, id);
CREATE INDEX jobs_by_update_time ON jobs (update_time, id);
CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_model ON jobs (model_id, id);

-- Endpoints. A version or alias that a variant names cannot be deleted.

CREATE TABLE endpoints (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('CREATING', 'IN_SERVICE', 'UPDATING', 'ROLLING_BACK', 'DELETING', 'FAILED')),
  generation INTEGER NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  observed_generation INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX endpoints_by_create_time ON endpoints (create_time, id);
CREATE INDEX endpoints_by_update_time ON endpoints (update_time, id);
CREATE INDEX endpoints_by_state ON endpoints (state, id);

CREATE TABLE endpoint_variants (
  endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  model_id TEXT NOT NULL,
  number INTEGER,
  alias TEXT,
  PRIMARY KEY (endpoint_id, position),
  FOREIGN KEY (model_id, number) REFERENCES versions (model_id, number) ON DELETE RESTRICT,
  FOREIGN KEY (model_id, alias) REFERENCES model_aliases (model_id, alias) ON DELETE RESTRICT,
  CHECK ((number IS NULL) <> (alias IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoint_variants_by_number ON endpoint_variants (model_id, number);
CREATE INDEX endpoint_variants_by_alias ON endpoint_variants (model_id, alias);

CREATE TABLE endpoint_observed (
  endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  model_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  ready_time INTEGER NOT NULL,
  PRIMARY KEY (endpoint_id, position),
  FOREIGN KEY (model_id, number) REFERENCES versions (model_id, number) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoint_observed_by_number ON endpoint_observed (model_id, number);

-- Buckets and objects.

CREATE TABLE buckets (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL
) STRICT;
CREATE INDEX buckets_by_create_time ON buckets (create_time, id);
CREATE INDEX buckets_by_update_time ON buckets (update_time, id);

CREATE TABLE objects (
  row_id INTEGER PRIMARY KEY,
  bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE RESTRICT,
  key TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  etag TEXT NOT NULL,
  labels TEXT NOT NULL,
  annotations TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  md5 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  content_encoding TEXT NOT NULL,
  metadata TEXT NOT NULL,
  UNIQUE (bucket_id, key)
) STRICT;
CREATE INDEX objects_by_create_time ON objects (bucket_id, create_time, key);
CREATE INDEX objects_by_update_time ON objects (bucket_id, update_time, key);
CREATE INDEX objects_by_blob ON objects (sha256);

-- The event log. Sequences have no gaps: the next one is one more than the newest, which is never removed.

CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  verb TEXT NOT NULL,
  resource TEXT NOT NULL,
  request_id TEXT NOT NULL,
  before_json TEXT NOT NULL,
  after_json TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_resource ON events (resource, sequence);

-- Answers by request id, for repeats.

CREATE TABLE answers (
  request_id TEXT NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX answers_by_time ON answers (time);

-- Labels.

CREATE TABLE model_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                           PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER model_labels_insert AFTER INSERT ON models WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO model_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER model_labels_update AFTER UPDATE OF labels ON models WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM model_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO model_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER model_labels_delete AFTER DELETE ON models WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM model_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;

CREATE TABLE version_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                             PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER version_labels_insert AFTER INSERT ON versions WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO version_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER version_labels_update AFTER UPDATE OF labels ON versions WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM version_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO version_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER version_labels_delete AFTER DELETE ON versions WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM version_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;

CREATE TABLE job_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                         PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER job_labels_insert AFTER INSERT ON jobs WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO job_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER job_labels_update AFTER UPDATE OF labels ON jobs WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM job_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO job_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER job_labels_delete AFTER DELETE ON jobs WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM job_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;

CREATE TABLE endpoint_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                              PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER endpoint_labels_insert AFTER INSERT ON endpoints WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO endpoint_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER endpoint_labels_update AFTER UPDATE OF labels ON endpoints WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM endpoint_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO endpoint_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER endpoint_labels_delete AFTER DELETE ON endpoints WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM endpoint_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;

CREATE TABLE bucket_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                            PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER bucket_labels_insert AFTER INSERT ON buckets WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO bucket_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER bucket_labels_update AFTER UPDATE OF labels ON buckets WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM bucket_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO bucket_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER bucket_labels_delete AFTER DELETE ON buckets WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM bucket_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;

CREATE TABLE object_labels (key TEXT NOT NULL, value TEXT NOT NULL, row_id INTEGER NOT NULL,
                            PRIMARY KEY (key, value, row_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER object_labels_insert AFTER INSERT ON objects WHEN NEW.labels <> '{}' BEGIN
  INSERT INTO object_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER object_labels_update AFTER UPDATE OF labels ON objects WHEN NEW.labels <> OLD.labels BEGIN
  DELETE FROM object_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
  INSERT INTO object_labels SELECT key, value, NEW.row_id FROM json_each(NEW.labels);
END;
CREATE TRIGGER object_labels_delete AFTER DELETE ON objects WHEN OLD.labels <> '{}' BEGIN
  DELETE FROM object_labels
    WHERE (key, value, row_id) IN (SELECT key, value, OLD.row_id FROM json_each(OLD.labels));
END;
