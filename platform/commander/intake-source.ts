import type { Problem } from '../../catalog/errors.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { OrderSource } from '../../factory/contract/truth.ts'
import { hasUpload } from '../store/upload.ts'
import { checkGitSource } from './check-source.ts'
import type { IntakeContext, IntakeRequest } from './intake-context.ts'
import type { ProblemAt } from './schema-problems.ts'

/** The source that the client sent along or named, else the manifest's. */
export async function sourceOf(
  context: IntakeContext,
  request: IntakeRequest,
  manifest: Manifest,
  problems: Problem[],
  problemAt: ProblemAt,
): Promise<OrderSource | undefined> {
  const given = request.source
  if (given?.kind === 'upload') {
    if (await hasUpload(context.db, request.account, given.digest)) return given
    problems.push({
      path: 'source.digest',
      message: `no upload has the sha256 ${given.digest}`,
      allowed: 'PUT /v1/uploads/:sha256 first',
    })
    return undefined
  }
  const named = manifest.source
  const git =
    given ?? (named !== undefined && 'git' in named ? { url: named.git, ref: named.ref, path: named.path } : undefined)
  if (!git) {
    problems.push(
      named === undefined
        ? problemAt(
            ['source'],
            'no source was sent along and the manifest names none',
            'source: {git: https://…, ref: main}',
          )
        : problemAt(
            ['source', 'folder'],
            'a folder has to be sent along',
            'PUT /v1/uploads/:sha256 and name it as source; ./pipi deploy does',
          ),
    )
    return undefined
  }
  const wrong = await checkGitSource(git.url, request.local)
  if (wrong) {
    problems.push(given ? { path: 'source.url', ...wrong } : problemAt(['source', 'git'], wrong.message, wrong.allowed))
    return undefined
  }
  return { kind: 'git', url: git.url, ref: git.ref ?? 'main', path: git.path ?? '.', local: request.local }
}
