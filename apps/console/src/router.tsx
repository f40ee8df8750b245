/** Router: every page of the console under its path. Each page has a code file of its own. */
import type { QueryClient } from '@tanstack/react-query'
import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { appRoutes } from './app-routes.ts'
import { buildRoutes } from './build-routes.ts'
import { doorRoutes } from './door-routes.ts'
import { equipmentRoutes } from './equipment-routes.ts'
import { gitSourceRoutes } from './git-source-routes.ts'
import { groupRoutes } from './group-routes.ts'
import { inside } from './inside-route.ts'
import { marketRoutes } from './market-routes.ts'
import { modelFeedRoutes } from './model-feed-routes.ts'
import { deploySearch } from './pages/deploy/draft/draft-search.ts'
import { known, root } from './root-route.ts'
import { routeRoutes } from './route-routes.ts'
import {
  approvalSearch,
  auditSearch,
  batchSearch,
  compareSearch,
  deviceSearch,
  deviceViewSearch,
  listSearch,
  newBatchSearch,
  playgroundSearch,
  rolloutSearch,
  securitySearch,
  settingsSearch,
  siteSearch,
  uploadSearch,
} from './search.ts'
import { CrashedPage } from './shell/crashed-page.tsx'
import { leadOperator } from './shell/require-session.ts'
import { vulnerabilityRoutes } from './vulnerability-routes.ts'

const account = createRoute({
  getParentRoute: () => inside,
  path: known('account'),
  component: lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
})
const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: ({ context }) => leadOperator(context.client),
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
})
const sites = createRoute({
  getParentRoute: () => inside,
  path: known('sites'),
  validateSearch: siteSearch,
  component: lazyRouteComponent(() => import('./pages/sites/sites-page.tsx'), 'SitesPage'),
})
const site = createRoute({
  getParentRoute: () => inside,
  path: known('sites/$site'),
  component: lazyRouteComponent(() => import('./pages/sites/site-page.tsx'), 'SitePage'),
})
const devices = createRoute({
  getParentRoute: () => inside,
  path: known('devices'),
  validateSearch: deviceSearch,
  component: lazyRouteComponent(() => import('./pages/devices/devices-page.tsx'), 'DevicesPage'),
})
const device = createRoute({
  getParentRoute: () => inside,
  path: known('devices/$device'),
  validateSearch: deviceViewSearch,
  component: lazyRouteComponent(() => import('./pages/device/device-page.tsx'), 'DevicePage'),
})
const models = createRoute({
  getParentRoute: () => inside,
  path: known('models'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/models/models-page.tsx'), 'ModelsPage'),
})
const uploadModel = createRoute({
  getParentRoute: () => inside,
  path: known('models/upload'),
  validateSearch: uploadSearch,
  component: lazyRouteComponent(() => import('./pages/models/upload/upload-page.tsx'), 'UploadPage'),
})
const compareVersions = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/compare'),
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('./pages/models/compare/compare-page.tsx'), 'ComparePage'),
})
const model = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/models/model-page.tsx'), 'ModelPage'),
})
const version = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version'),
  component: lazyRouteComponent(() => import('./pages/models/version-page.tsx'), 'VersionPage'),
})
const playground = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version/playground'),
  validateSearch: playgroundSearch,
  component: lazyRouteComponent(() => import('./pages/playground/playground-page.tsx'), 'PlaygroundPage'),
})
const monitors = createRoute({
  getParentRoute: () => inside,
  path: known('monitors'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/monitors/monitors-page.tsx'), 'MonitorsPage'),
})
const monitor = createRoute({
  getParentRoute: () => inside,
  path: known('monitors/$model'),
  component: lazyRouteComponent(() => import('./pages/monitors/monitor-page.tsx'), 'MonitorPage'),
})
const captures = createRoute({
  getParentRoute: () => inside,
  path: known('captures'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/captures/captures-page.tsx'), 'CapturesPage'),
})
const capture = createRoute({
  getParentRoute: () => inside,
  path: known('captures/$model'),
  component: lazyRouteComponent(() => import('./pages/captures/capture-page.tsx'), 'CapturePage'),
})
const campaigns = createRoute({
  getParentRoute: () => inside,
  path: known('campaigns'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/campaigns/campaigns-page.tsx'), 'CampaignsPage'),
})
const campaign = createRoute({
  getParentRoute: () => inside,
  path: known('campaigns/$name'),
  component: lazyRouteComponent(() => import('./pages/campaigns/campaign-page.tsx'), 'CampaignPage'),
})
const surveys = createRoute({
  getParentRoute: () => inside,
  path: known('surveys'),
  component: lazyRouteComponent(() => import('./pages/surveys/surveys-page.tsx'), 'SurveysPage'),
})
const survey = createRoute({
  getParentRoute: () => inside,
  path: known('surveys/$name'),
  component: lazyRouteComponent(() => import('./pages/surveys/survey-page.tsx'), 'SurveyPage'),
})
const learnings = createRoute({
  getParentRoute: () => inside,
  path: known('learning'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/learning/learnings-page.tsx'), 'LearningsPage'),
})
const learning = createRoute({
  getParentRoute: () => inside,
  path: known('learning/$name'),
  component: lazyRouteComponent(() => import('./pages/learning/learning-page.tsx'), 'LearningPage'),
})
const learningFleet = createRoute({
  getParentRoute: () => inside,
  path: known('learning/fleets/$name'),
  component: lazyRouteComponent(() => import('./pages/learning/fleet/fleet-page.tsx'), 'LearningFleetPage'),
})
const deploy = createRoute({
  getParentRoute: () => inside,
  path: known('deploy'),
  validateSearch: deploySearch,
  component: lazyRouteComponent(() => import('./pages/deploy/deploy-page.tsx'), 'DeployPage'),
})
const deployments = createRoute({
  getParentRoute: () => inside,
  path: known('deployments'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/deployments/deployments-page.tsx'), 'DeploymentsPage'),
})
const deployment = createRoute({
  getParentRoute: () => inside,
  path: known('deployments/$deployment'),
  component: lazyRouteComponent(() => import('./pages/deployments/deployment-page.tsx'), 'DeploymentPage'),
})
const rollouts = createRoute({
  getParentRoute: () => inside,
  path: known('rollouts'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/rollouts/rollouts-page.tsx'), 'RolloutsPage'),
})
const rollout = createRoute({
  getParentRoute: () => inside,
  path: known('rollouts/$rollout'),
  validateSearch: rolloutSearch,
  component: lazyRouteComponent(() => import('./pages/rollout/rollout-page.tsx'), 'RolloutPage'),
})
const batches = createRoute({
  getParentRoute: () => inside,
  path: known('batches'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/batches/batches-page.tsx'), 'BatchesPage'),
})
const newBatch = createRoute({
  getParentRoute: () => inside,
  path: known('batches/new'),
  validateSearch: newBatchSearch,
  component: lazyRouteComponent(() => import('./pages/batches/new-batch-page.tsx'), 'NewBatchPage'),
})
const batch = createRoute({
  getParentRoute: () => inside,
  path: known('batches/$batch'),
  validateSearch: batchSearch,
  component: lazyRouteComponent(() => import('./pages/batches/batch-page.tsx'), 'BatchPage'),
})
const approvals = createRoute({
  getParentRoute: () => inside,
  path: known('approvals'),
  validateSearch: approvalSearch,
  component: lazyRouteComponent(() => import('./pages/approvals/approvals-page.tsx'), 'ApprovalsPage'),
})
const security = createRoute({
  getParentRoute: () => inside,
  path: known('security'),
  validateSearch: securitySearch,
  component: lazyRouteComponent(() => import('./pages/security/security-page.tsx'), 'SecurityPage'),
})
const audit = createRoute({
  getParentRoute: () => inside,
  path: known('audit'),
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: known('settings'),
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
})

const tree = root.addChildren([
  ...doorRoutes,
  inside.addChildren([
    overview,
    sites,
    site,
    devices,
    device,
    models,
    uploadModel,
    model,
    compareVersions,
    version,
    playground,
    ...buildRoutes,
    ...appRoutes,
    ...marketRoutes,
    monitors,
    monitor,
    captures,
    capture,
    ...routeRoutes,
    ...gitSourceRoutes,
    ...modelFeedRoutes,
    ...groupRoutes,
    campaigns,
    campaign,
    surveys,
    survey,
    learnings,
    learning,
    learningFleet,
    deploy,
    deployments,
    deployment,
    rollouts,
    rollout,
    batches,
    newBatch,
    batch,
    ...equipmentRoutes,
    approvals,
    security,
    ...vulnerabilityRoutes,
    audit,
    settings,
    account,
  ]),
])

/** The router. It loads a page's code when a person points at its link. */
export const createConsoleRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: CrashedPage,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
