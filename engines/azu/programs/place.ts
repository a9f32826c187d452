import type { CustomResource, Output } from '@pulumi/pulumi'
import { declareByType } from '../../parts/declare/by-type.ts'

export interface Place {
  resourceGroupName: Output<string>
  location: string
}

/**
 * A resource group for one component: nothing of another one lies in it. What lies there takes the group's name from it,
 * so that it is made anew with it.
 */
export function declarePlace(component: string, slug: string, region: string): Place {
  const group = declareByType(
    'azure-native:resources:ResourceGroup',
    `${component}-group`,
    { resourceGroupName: slug, location: region },
    NAMED,
    ['name'],
  )
  return { resourceGroupName: group.name, location: region }
}

/** Its id is its name: two of them cannot stand side by side. */
export const NAMED = { deleteBeforeReplace: true } as const

/** What `azure-native` makes in a place. */
export function declareThere<O extends string = never>(
  type: string,
  name: string,
  place: Place,
  inputs: Record<string, unknown>,
  outputs: readonly O[] = [],
): CustomResource & { readonly [name in O]: Output<string> } {
  return declareByType(`azure-native:${type}`, name, { ...place, ...inputs }, NAMED, outputs)
}
