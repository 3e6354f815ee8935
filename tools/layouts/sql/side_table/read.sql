\set r random(1, {resources})
SELECT h.rid, h.version, h.last_updated, h.deleted, v.meta, v.codec, v.data_key, v.body
FROM resource AS h JOIN version AS v ON v.tenant = h.tenant AND v.rid = h.rid AND v.version = h.version
WHERE h.tenant = 1 AND h.type = {type} AND h.id = {id};
