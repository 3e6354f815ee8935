\set r random(1, 1000000000)
\set size random({smallest}, {largest})
WITH head AS (
  INSERT INTO resource (tenant, type, id, version, last_updated, digest, deleted, index_rows, index_generation)
  VALUES (1, {type}, gen_random_uuid()::text, 1, clock_timestamp(), decode(md5(:r::text), 'hex'), false,
          {index_rows}, 1)
  RETURNING rid, type, id, last_updated)
INSERT INTO version (tenant, rid, version, type, id, last_updated, txid, deleted, patients, digest, codec, body)
SELECT 1, rid, 1, type, id, last_updated, pg_current_xact_id(), false, ARRAY[:r::int8], decode(md5(:r::text), 'hex'), 1, {body}
FROM head RETURNING rid;
