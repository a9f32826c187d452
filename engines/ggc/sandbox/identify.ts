import { createHash } from 'node:crypto'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import { projectOfToken } from './api/tokens.ts'

/** The owner's project and the billing account that pays for it. */
const OWNER = { project: 'pipi-sandbox-412907', account: '01C4F2-8A1B6D-2E9F37' }

/** Whose credentials these are: the billing account behind the project. */
export function identify(configuration: Json): { cloudAccount: string; region: string } {
  const project = configuration.project
  const region = configuration.region
  // What came of an exchange stands for the key.
  const acting = projectOfToken(`Bearer ${String(configuration.accessToken)}`) !== undefined
  if (!acting && !isServiceAccount(configuration.credentials)) {
    throw new Error(
      'Attempted to load application default credentials since neither `credentials` nor `access_token` was set in the provider block. No credentials loaded.',
    )
  }
  if (typeof project !== 'string' || project === '') throw new Error('project: required field is not set')
  if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project))
    throw new Error(`googleapi: Error 400: Invalid project ID '${project}', badRequest`)
  return {
    cloudAccount: accountOf(project),
    region: typeof region === 'string' ? region : '',
  }
}

/** The project that a billing account pays for in the sandbox. */
export function projectOf(cloudAccount: string): string {
  return cloudAccount === OWNER.account ? OWNER.project : `project-${cloudAccount.toLowerCase()}`
}

/** The billing account that pays for a project. */
export function accountOf(project: string): string {
  if (project === OWNER.project) return OWNER.account
  const hex = createHash('sha256').update(project).digest('hex').toUpperCase()
  return `${hex.slice(0, 6)}-${hex.slice(6, 12)}-${hex.slice(12, 18)}`
}

function isServiceAccount(credentials: unknown): boolean {
  if (typeof credentials !== 'string') return false
  try {
    const parsed: unknown = JSON.parse(credentials)
    return typeof parsed === 'object' && parsed !== null && 'client_email' in parsed
  } catch {
    // Not JSON: refused by the caller as the provider words it.
    return false
  }
}
