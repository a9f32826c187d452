import { gte, major } from 'semver'

/** The Pulumi CLI that everything here was measured with: the oldest we take, and the one we install. */
export const PULUMI_VERSION = '3.258.0'

/** The first `1.2.3` in a text, as `pulumi version`, `git --version` and `go version` say it. A missing patch is 0. */
export function versionIn(text: string): string | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return found === null ? undefined : `${found[1]}.${found[2]}.${found[3] ?? 0}`
}

/** Whether `version` is `wanted` or newer. With another major version Pulumi is another tool. */
export function isPulumiFor(version: string, wanted = PULUMI_VERSION): boolean {
  return major(version) === major(wanted) && gte(version, wanted)
}
