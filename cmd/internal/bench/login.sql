-- The rule of logins for the comparison with PostgreSQL. Instants are nanoseconds since 1970, and
-- durations are nanoseconds. The program replaces the words in braces by numbers of the policy.

CREATE TABLE users (
	name     text PRIMARY KEY,
	clock    bigint NOT NULL DEFAULT 0,
	failures bigint[] NOT NULL DEFAULT '{}', -- oldest first
	held     boolean NOT NULL DEFAULT false,
	until    bigint, -- null: not locked, or locked until released
	attempts text[] NOT NULL DEFAULT '{}', -- open reservations, oldest first
	ends     bigint[] NOT NULL DEFAULT '{}' -- of the reservations
) WITH (fillfactor = 70);

CREATE TABLE ledger (
	seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	source    text NOT NULL,
	id        text NOT NULL,
	command   text[] NOT NULL, -- type, user, attempt, outcome, reason, address, time
	at        bigint NOT NULL, -- effective time
	status    text NOT NULL,
	refusal   text NOT NULL,
	event     text NOT NULL,
	lockout   text NOT NULL, -- second event, '' for none
	failures  integer NOT NULL,
	held      boolean NOT NULL,
	until     bigint,
	remaining integer NOT NULL,
	retry     bigint,
	expired   boolean NOT NULL, -- an overdue lockout.expired precedes the event
	abandoned text[] NOT NULL, -- overdue attempts precede the event
	UNIQUE (source, id)
);

-- login decides one command, and records it with its verdict. It returns the stored row of a
-- repeated id, and a row of status 'invalid' for a repeated id with another command.
CREATE FUNCTION login(p_source text, p_id text, p_type text, p_user text, p_attempt text, p_outcome text,
	p_reason text, p_address text, p_time bigint) RETURNS ledger LANGUAGE plpgsql AS $$
DECLARE
	u users;
	r ledger;
	run integer;
	place integer;
BEGIN
	SELECT * INTO u FROM users WHERE users.name = p_user FOR UPDATE;
	IF NOT FOUND THEN
		INSERT INTO users (name) VALUES (p_user) ON CONFLICT DO NOTHING;
		SELECT * INTO u FROM users WHERE users.name = p_user FOR UPDATE;
	END IF;
	r.command := ARRAY[p_type, p_user, p_attempt, p_outcome, p_reason, p_address, p_time::text];
	r.at := greatest(p_time, u.clock);
	r.status := 'accepted';
	r.refusal := '';
	r.lockout := '';
	r.failures := 0;
	r.abandoned := '{}';
	r.expired := coalesce(u.until <= r.at, false);
	IF r.expired THEN
		u.held := false;
		u.until := NULL;
		u.failures := '{}';
	END IF;
	WHILE u.ends[1] <= r.at LOOP
		r.abandoned := r.abandoned || u.attempts[1];
		u.attempts := u.attempts[2:];
		u.ends := u.ends[2:];
	END LOOP;
	WHILE r.at - u.failures[1] > {window} LOOP
		u.failures := u.failures[2:];
	END LOOP;
	run := cardinality(u.failures);

	IF p_type = 'login.begin' THEN
		IF u.held THEN
			r.refusal := 'locked_out';
		ELSIF p_attempt = ANY (u.attempts) THEN
			r.refusal := 'attempt_open';
		ELSIF run + cardinality(u.attempts) >= {failures} THEN
			r.refusal := 'attempts_in_flight';
			SELECT stop INTO r.retry FROM (
				SELECT f + {window} + 1 AS stop FROM unnest(u.failures) f UNION ALL SELECT unnest(u.ends)
			) AS stops ORDER BY stop DESC OFFSET {failures} - 1 LIMIT 1;
		ELSE
			r.event := 'login.started';
			u.attempts := u.attempts || p_attempt;
			u.ends := u.ends || (r.at + {attempt});
		END IF;
	ELSIF p_outcome <> 'succeeded' THEN
		r.event := 'login.failed';
		r.failures := run;
		IF p_reason IN ('bad_credentials', 'bad_code', 'expired_code', 'wrong_case', 'has_spaces') THEN
			r.failures := least(run + 1, {failures});
			u.failures := u.failures[run - r.failures + 2:] || r.at;
			IF u.held THEN
				r.lockout := 'lockout.extended';
			ELSIF r.failures >= {failures} THEN
				r.lockout := 'lockout.started';
				u.held := true;
				u.until := CASE WHEN {duration} > 0 THEN r.at + {duration} END;
			END IF;
		END IF;
	ELSIF u.held THEN
		r.refusal := 'locked_out';
	ELSIF p_type = 'login.finish' AND NOT p_attempt = ANY (u.attempts) THEN
		r.refusal := 'attempt_expired';
	ELSE
		r.event := 'login.succeeded';
		u.failures := '{}';
	END IF;

	IF r.refusal <> '' THEN
		r.status := 'refused';
		r.event := 'login.refused';
		IF r.refusal = 'locked_out' AND {extend} THEN
			r.lockout := 'lockout.extended';
		END IF;
	END IF;
	IF r.lockout = 'lockout.extended' AND u.until IS NOT NULL THEN
		u.until := CASE WHEN {duration} > 0 THEN greatest(u.until, r.at + {duration}) END;
	END IF;
	IF p_type = 'login.finish' THEN
		place := array_position(u.attempts, p_attempt);
		IF place IS NOT NULL THEN
			u.attempts := u.attempts[:place - 1] || u.attempts[place + 1:];
			u.ends := u.ends[:place - 1] || u.ends[place + 1:];
		END IF;
	END IF;
	r.held := u.held;
	r.until := u.until;
	r.remaining := CASE WHEN u.held THEN 0
		ELSE greatest({failures} - cardinality(u.failures) - cardinality(u.attempts), 0) END;

	INSERT INTO ledger (source, id, command, at, status, refusal, event, lockout, failures, held, until,
		remaining, retry, expired, abandoned)
	VALUES (p_source, p_id, r.command, r.at, r.status, r.refusal, r.event, r.lockout, r.failures, r.held,
		r.until, r.remaining, r.retry, r.expired, r.abandoned)
	ON CONFLICT (source, id) DO NOTHING RETURNING seq INTO r.seq;
	IF NOT FOUND THEN
		RETURN repeated(p_source, p_id, r.command);
	END IF;
	UPDATE users SET clock = r.at, failures = u.failures, held = u.held, until = u.until,
		attempts = u.attempts, ends = u.ends WHERE users.name = p_user;
	RETURN r;
END $$;

CREATE FUNCTION repeated(p_source text, p_id text, p_command text[]) RETURNS ledger LANGUAGE plpgsql AS $$
DECLARE
	r ledger;
BEGIN
	SELECT * INTO r FROM ledger WHERE ledger.source = p_source AND ledger.id = p_id;
	IF r.command <> p_command THEN
		r.status := 'invalid';
		r.refusal := 'id_reused';
	END IF;
	RETURN r;
END $$;
