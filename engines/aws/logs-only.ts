/**
 * AWS' own policy for the log of a function. As the permissions boundary of every role that the engine makes, it is the
 * most that such a role may do by itself, whatever policy the engine writes into it.
 */
export const LOGS_ONLY = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
