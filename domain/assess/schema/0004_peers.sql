-- +goose Up
-- Numbers about companies leave in releases of internal/count, which are made from
-- what each company adds (assess_peer_org); no running sums are kept any more.
DROP TABLE assess_peer;
