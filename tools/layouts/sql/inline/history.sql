\set r random(1, {with_history})
SELECT version, last_updated, deleted, meta, codec, data_key, body FROM (
  SELECT version, last_updated, deleted, meta, codec, data_key, body FROM resource
  WHERE tenant = 1 AND type = {type} AND id = {id}
  UNION ALL
  SELECT version, last_updated, deleted, meta, codec, data_key, body FROM history
  WHERE tenant = 1 AND rid = (SELECT rid FROM resource WHERE tenant = 1 AND type = {type} AND id = {id})) AS v
ORDER BY version DESC LIMIT 50;
