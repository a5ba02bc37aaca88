-- A state of a few kilobytes is rewritten with every fact: compressing it each time costs more than the space it saves.
ALTER TABLE patient_states SET (toast_tuple_target = 8160);
