\set r random(1, 1000000000)
\set size random({smallest}, {largest})
INSERT INTO resource (tenant, type, id, version, last_updated, txid, deleted, patients, digest, codec, body,
                      index_rows, index_generation)
VALUES (1, {type}, gen_random_uuid()::text, 1, clock_timestamp(), pg_current_xact_id(), false,
        ARRAY[:r::int8], decode(md5(:r::text), 'hex'), 1, {body}, {index_rows}, 1)
RETURNING rid;
