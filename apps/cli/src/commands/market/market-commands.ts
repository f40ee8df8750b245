/** The commands on the marketplace, in the order of the help. */
import type { Command } from '../../program/command.ts'
import { addCatalogue } from './catalogue-add.ts'
import { createCatalogue } from './catalogue-create.ts'
import { listCatalogues } from './catalogue-ls.ts'
import { refreshCatalogue, removeCatalogue } from './catalogue-refresh.ts'
import { entitlementCommands } from './entitlements/entitlement-commands.ts'
import { installListing } from './install.ts'
import { listInstallations } from './ls.ts'
import { exportCatalogue } from './publish/export.ts'
import { initListing } from './publish/init.ts'
import { makePublisherKey } from './publish/key.ts'
import { certifyListing, lintListing } from './publish/lint.ts'
import { publishBuiltIn, publishListing } from './publish/publish.ts'
import { verifyListing } from './publish/verify.ts'
import { yankListing } from './publish/yank.ts'
import { rateListing } from './rate.ts'
import { reviewCommands } from './review/review-commands.ts'
import { searchMarket } from './search.ts'
import { showListing } from './show.ts'
import { uninstallListing } from './uninstall.ts'
import { upgradeInstallation } from './upgrade.ts'
import { reportUsage } from './usage.ts'

export const marketCommands: readonly Command[] = [
  addCatalogue,
  createCatalogue,
  listCatalogues,
  refreshCatalogue,
  removeCatalogue,
  searchMarket,
  showListing,
  rateListing,
  installListing,
  listInstallations,
  upgradeInstallation,
  uninstallListing,
  reportUsage,
  initListing,
  lintListing,
  certifyListing,
  verifyListing,
  makePublisherKey,
  publishListing,
  publishBuiltIn,
  exportCatalogue,
  yankListing,
  ...reviewCommands,
  ...entitlementCommands,
]
