import { App } from '@pulumi/digitalocean/app.js'
import { PipiError } from '../../../catalog/errors.ts'
import type { ProgramModule } from '../../contract/engine.ts'

/** A static site that App Platform fetches from git and builds by itself. */
export default {
  kind: 'site',
  async pack(built, component) {
    if (built.git === undefined) {
      throw new PipiError(
        'build.failed',
        `"${component.name}" comes from a folder, and App Platform takes sites from a git repository only`,
        {
          hint: 'push the source to a repository that can be read without a password, and name it as source.git in the manifest',
        },
      )
    }
    if (/^[0-9a-f]{40}$/.test(built.git.ref)) {
      throw new PipiError(
        'build.failed',
        `"${component.name}" is at the commit ${built.git.ref.slice(0, 12)}, and App Platform follows branches only`,
        { hint: 'name a branch as source.ref' },
      )
    }
    const { head, ...git } = built.git
    await requireHead(component.name, git, head)
    return { travels: 'git', ...git }
  },
  declare({ component, slug, artifact, region, environment }) {
    if (artifact.travels !== 'git') {
      throw new PipiError(
        'platform.internal',
        `expected a git ref for "${component.name}", got an artifact that travels as ${artifact.travels}`,
      )
    }
    const { domains } = component
    const { command, output } = component.build
    const app = new App(`${component.name}-app`, {
      spec: {
        name: slug,
        region,
        ...(domains.length === 0
          ? {}
          : { domainNames: domains.map((name, at) => ({ name, type: at === 0 ? 'PRIMARY' : 'ALIAS' })) }),
        staticSites: [
          {
            name: 'site',
            git: { repoCloneUrl: artifact.url, branch: artifact.ref },
            sourceDir: `/${inside(artifact.path, component.path)}`,
            outputDir: `/${inside(output ?? '.')}`,
            indexDocument: 'index.html',
            errorDocument: '404.html',
            ...(command === undefined
              ? { environmentSlug: 'html' }
              : { environmentSlug: 'node-js', buildCommand: command }),
            // Names the commit, so that a push to the branch makes a difference and App Platform builds again.
            envs: Object.entries({ ...environment, PIPI_COMMIT: artifact.commit }).map(([key, value]) => ({
              key,
              value,
              scope: 'BUILD_TIME',
              type: 'GENERAL',
            })),
          },
        ],
      },
    })
    // The live address is that of a domain of one's own, which leads here only once its owner says so in its DNS.
    return { url: domains.length === 0 ? app.liveUrl : app.defaultIngress, app: app.id }
  },
} satisfies ProgramModule<'site'>

/** App Platform builds whatever its branch is at: another commit than that would be another site than was asked for. */
async function requireHead(
  name: string,
  { url, ref, commit }: { url: string; ref: string; commit: string },
  head: (() => Promise<string | undefined>) | undefined,
): Promise<void> {
  const now = head === undefined ? commit : await head()
  if (now === commit) return
  const at = now === undefined ? `has no branch "${ref}"` : `has "${ref}" at ${now.slice(0, 12)}`
  throw new PipiError(
    'build.failed',
    `"${name}" is wanted at the commit ${commit.slice(0, 12)}, and ${url} ${at}: App Platform follows branches only`,
    {
      hint: `set the branch back to that commit (git revert, or a branch that stands there named as source.ref), and deploy`,
    },
  )
}

function inside(...parts: string[]): string {
  return parts.filter((part) => part !== '.' && part !== '').join('/')
}
