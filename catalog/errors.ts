/**
 * Every way in which a request can end badly, in one registry. A code is a promise: scripts match on it, so it never
 * changes its meaning. `docs/errors.md` lists the same codes (a test compares them).
 */
export interface ErrorKind {
  /** HTTP status of the problem document. */
  readonly status: number
  /** Exit code of the command line (design of the surfaces: 1 failed, 2 bad input, 3 refused, 4 not found, 5 unreachable, 6 not allowed). */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6
  /** Whether trying the same thing again later may work without anybody changing anything. */
  readonly retryable: boolean
  readonly title: string
}

export const ERRORS = {
  'input.invalid': { status: 422, exit: 2, retryable: false, title: 'The request is not valid' },
  'manifest.invalid': { status: 422, exit: 2, retryable: false, title: 'The manifest is not valid' },
  'catalog.invalid': { status: 500, exit: 2, retryable: false, title: 'A catalogue or engine file is not valid' },
  'source.unreachable': { status: 422, exit: 2, retryable: true, title: 'The source cannot be read' },
  'name.taken': { status: 409, exit: 2, retryable: false, title: 'The name is in use' },
  'not-found': { status: 404, exit: 4, retryable: false, title: 'There is no such thing' },
  'not-authenticated': { status: 401, exit: 6, retryable: false, title: 'No valid token' },
  'not-allowed': { status: 403, exit: 6, retryable: false, title: 'Not allowed' },
  'conflict.state': { status: 409, exit: 1, retryable: false, title: 'Not possible in this state' },
  'conflict.key': { status: 409, exit: 2, retryable: false, title: 'Idempotency key used for another request' },
  'platform.unreachable': { status: 503, exit: 5, retryable: true, title: 'The platform does not answer' },
  'platform.busy': { status: 503, exit: 1, retryable: true, title: 'The platform takes no new work right now' },
  'platform.internal': { status: 500, exit: 1, retryable: true, title: 'A fault of ours' },
  'lock.no-carrier': { status: 409, exit: 3, retryable: false, title: 'Nothing free can carry this component here' },
  'lock.over-limit': { status: 409, exit: 3, retryable: true, title: 'A free limit would be passed' },
  'lock.unknown-type': { status: 409, exit: 3, retryable: false, title: 'A resource type the catalogue does not know' },
  'lock.unsafe-input': { status: 409, exit: 3, retryable: false, title: 'An input that is not free' },
  'lock.watched': {
    status: 409,
    exit: 3,
    retryable: false,
    title: 'Only bounded by watching, and the owner has not agreed',
  },
  'lock.unbounded': { status: 409, exit: 3, retryable: false, title: 'Nothing bounds what this may cost' },
  'lock.stale-facts': { status: 409, exit: 3, retryable: false, title: 'The facts are past their date' },
  'account.mismatch': {
    status: 409,
    exit: 3,
    retryable: false,
    title: 'The cloud account is not what it is said to be',
  },
  'host.mismatch': { status: 409, exit: 3, retryable: false, title: 'The host is not what it is said to be' },
  'lock.stopped': { status: 409, exit: 3, retryable: false, title: 'The kill switch of the cloud account is thrown' },
  'guard.not-granted': { status: 409, exit: 3, retryable: false, title: 'Not covered by the grant' },
  'guard.not-ours': { status: 409, exit: 3, retryable: false, title: 'Belongs to somebody else' },
  'guard.delete-not-planned': { status: 409, exit: 3, retryable: false, title: 'A delete that the plan does not name' },
  'guard.data-not-named': {
    status: 409,
    exit: 3,
    retryable: false,
    title: "Users' data would be lost and the request does not name it",
  },
  'lease.lost': { status: 409, exit: 1, retryable: true, title: 'Another engine holds this workspace now' },
  'build.failed': { status: 409, exit: 1, retryable: false, title: 'The build failed' },
  'build.timeout': { status: 409, exit: 1, retryable: false, title: 'The build took too long' },
  'provider.failed': { status: 502, exit: 1, retryable: false, title: 'The platform refused or failed' },
  'verify.failed': { status: 502, exit: 1, retryable: false, title: 'The release never became healthy' },
  'deadline.passed': { status: 504, exit: 1, retryable: true, title: 'A step took longer than it may' },
  'engine.crashed': {
    status: 502,
    exit: 1,
    retryable: true,
    title: 'The engine stopped in the middle, again and again',
  },
  'recovery.needs-decision': { status: 409, exit: 1, retryable: false, title: 'Somebody has to look' },
  'toolchain.missing': { status: 500, exit: 1, retryable: false, title: 'A tool is missing' },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/** One problem of several in one answer, with the place where it stands in the file that was given. */
export interface Problem {
  message: string
  /** Path inside the document, as `components[0].kind`. */
  path?: string
  file?: string
  /** 1-based. */
  line?: number
  column?: number
  /** What would be right. */
  allowed?: string
}

export interface ErrorOptionsOfPipi {
  hint?: string
  problems?: Problem[]
  /** Anything a program wants to read (never a secret). */
  data?: Record<string, unknown>
  cause?: unknown
}

/** The only error thrown on purpose: what was expected, what was got (`message`), what to do next (`hint`). */
export class PipiError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly problems: Problem[]
  readonly data: Record<string, unknown>

  constructor(code: ErrorCode, message: string, options: ErrorOptionsOfPipi = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PipiError'
    this.code = code
    this.hint = options.hint
    this.problems = options.problems ?? []
    this.data = options.data ?? {}
  }

  get kind(): ErrorKind {
    return ERRORS[this.code]
  }

  /** What travels in the truth and over HTTP. */
  toJSON(): { code: ErrorCode; message: string; hint?: string; problems?: Problem[]; data?: Record<string, unknown> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.problems.length === 0 ? {} : { problems: this.problems }),
      ...(Object.keys(this.data).length === 0 ? {} : { data: this.data }),
    }
  }

  /** Anything thrown becomes one of ours; what is already ours passes through. */
  static from(error: unknown, code: ErrorCode = 'platform.internal', hint?: string): PipiError {
    if (error instanceof PipiError) return error
    const message = error instanceof Error ? error.message : String(error)
    return new PipiError(code, message, { ...(hint === undefined ? {} : { hint }), cause: error })
  }
}
