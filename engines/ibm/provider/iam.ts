const HOST = 'https://iam.cloud.ibm.com'

/** IAM's HTTP API: whoever may be let in, and what each of them may do. */
export const IDENTITIES = `${HOST}/v1`
export const POLICIES = `${HOST}/v1/policies`
