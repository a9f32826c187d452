import { createHash } from 'node:crypto'

/** `urn:pulumi:<stack>::<project>::<parent types$type>::<name>`: the resource's own type token. */
export function typeOfUrn(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? ''
}

/** What stands at a platform: neither a component, nor a provider, which Pulumi counts as a resource of its own. */
export function isAtPlatform({ custom, type }: { custom: boolean; type: string }): boolean {
  return custom && !type.startsWith('pulumi:providers:')
}

export function nameOfUrn(urn: string): string {
  return urn.split('::').slice(3).join('::')
}

/** Short enough for a label at any platform, long enough not to collide within a workspace. */
export function hashOfUrn(urn: string): string {
  return createHash('sha256').update(urn).digest('hex').slice(0, 16)
}

/** As the engine makes it: the parent's qualified type goes in front, unless the parent is the stack itself. */
export function urnOf(stack: { project: string; stack: string }, parent: string, type: string, name: string): string {
  const parentType = parent.split('::')[2] ?? ''
  const prefix = parentType === '' || parentType === 'pulumi:pulumi:Stack' ? '' : `${parentType}$`
  return `urn:pulumi:${stack.stack}::${stack.project}::${prefix}${type}::${name}`
}
