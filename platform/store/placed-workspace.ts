/** A workspace as the platform's own chores see it: whose it is, and where it stands or was last meant to. */
export interface PlacedWorkspace {
  id: string
  account: string
  name: string
  engine: string
  region: string
  cloudAccount: string
}
