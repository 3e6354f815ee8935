INSERT INTO resource
SELECT 1, r, {type}, {id}, 1, clock_timestamp(), decode(md5(r::text), 'hex'), false, {index_rows}, 1
FROM generate_series(1, {resources}) AS r;
INSERT INTO version
SELECT 1, r, 1, {type}, {id}, clock_timestamp(), pg_current_xact_id(), NULL, NULL, false, ARRAY[r], NULL, NULL, NULL, NULL,
       decode(md5(r::text), 'hex'), 1, NULL, {body}
FROM generate_series(1, {resources}) AS r;
