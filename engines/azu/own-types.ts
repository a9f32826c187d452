/** What the platform's own plugin has no resource for; `provider/` does it in this process. */
export const OWN = {
  provider: 'azure-own',
  /** Files (and a function) of a Static Web App. */
  siteContent: 'azure-own:web:SiteContent',
  /** Program and settings of an App Service app. */
  appContent: 'azure-own:web:AppContent',
  /** A random password that stands in the state alone, as a secret. */
  password: 'azure-own:sql:Password',
  /** What lets one into a Cosmos DB account. */
  accountKey: 'azure-own:cosmosdb:AccountKey',
} as const
