-- +goose Up
-- How an answer came that staff entered for the company. The words are a name:
-- personal data, emptied when the person is to be forgotten. The journal does not
-- hold it. Channel '' means that somebody of the company answered.
ALTER TABLE assess_answer ADD COLUMN behalf_words TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN behalf_channel TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN behalf_told_at TEXT;
ALTER TABLE assess_answer_past ADD COLUMN behalf_words TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN behalf_channel TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN behalf_told_at TEXT;
