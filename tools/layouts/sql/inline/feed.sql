\set r random(1, {resources})
SELECT * FROM (
  (SELECT id, last_updated, rid, version, deleted, meta, codec, data_key, body FROM resource
   WHERE tenant = 1 AND type = {type} ORDER BY last_updated DESC, rid DESC LIMIT 50)
  UNION ALL
  (SELECT id, last_updated, rid, version, deleted, meta, codec, data_key, body FROM history
   WHERE tenant = 1 AND type = {type} ORDER BY last_updated DESC, rid DESC LIMIT 50)) AS v
ORDER BY last_updated DESC, rid DESC, version DESC LIMIT 50;
