/** Equipment routes: the pages of sources, sinks and flows. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { editSourceSearch, listSearch, newSourceSearch, uploadFlowSearch } from './search.ts'

const sources = createRoute({
  getParentRoute: () => inside,
  path: known('sources'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/sources/sources-page.tsx'), 'SourcesPage'),
})
const newSource = createRoute({
  getParentRoute: () => inside,
  path: known('sources/new'),
  validateSearch: newSourceSearch,
  component: lazyRouteComponent(() => import('./pages/sources/edit-source-page.tsx'), 'NewSourcePage'),
})
const source = createRoute({
  getParentRoute: () => inside,
  path: known('sources/$source'),
  component: lazyRouteComponent(() => import('./pages/sources/source-page.tsx'), 'SourcePage'),
})
const liveSource = createRoute({
  getParentRoute: () => inside,
  path: known('sources/$source/devices/$device'),
  component: lazyRouteComponent(() => import('./pages/sources/live/live-page.tsx'), 'LivePage'),
})
const editSource = createRoute({
  getParentRoute: () => inside,
  path: known('sources/$source/edit'),
  validateSearch: editSourceSearch,
  component: lazyRouteComponent(() => import('./pages/sources/edit-source-page.tsx'), 'EditSourcePage'),
})
const sinks = createRoute({
  getParentRoute: () => inside,
  path: known('sinks'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/sinks/sinks-page.tsx'), 'SinksPage'),
})
const sink = createRoute({
  getParentRoute: () => inside,
  path: known('sinks/$sink'),
  component: lazyRouteComponent(() => import('./pages/sinks/sink-page.tsx'), 'SinkPage'),
})
const newSink = createRoute({
  getParentRoute: () => inside,
  path: known('sinks/new'),
  validateSearch: newSourceSearch,
  component: lazyRouteComponent(() => import('./pages/sinks/edit-sink-page.tsx'), 'NewSinkPage'),
})
const editSink = createRoute({
  getParentRoute: () => inside,
  path: known('sinks/$sink/edit'),
  component: lazyRouteComponent(() => import('./pages/sinks/edit-sink-page.tsx'), 'EditSinkPage'),
})
const flows = createRoute({
  getParentRoute: () => inside,
  path: known('flows'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/flows/flows-page.tsx'), 'FlowsPage'),
})
const uploadFlow = createRoute({
  getParentRoute: () => inside,
  path: known('flows/upload'),
  validateSearch: uploadFlowSearch,
  component: lazyRouteComponent(() => import('./pages/flows/upload/flow-upload-page.tsx'), 'FlowUploadPage'),
})
const flow = createRoute({
  getParentRoute: () => inside,
  path: known('flows/$flow'),
  component: lazyRouteComponent(() => import('./pages/flows/flow-page.tsx'), 'FlowPage'),
})
const liveFlow = createRoute({
  getParentRoute: () => inside,
  path: known('flows/$flow/devices/$device'),
  component: lazyRouteComponent(() => import('./pages/flows/live/flow-live-page.tsx'), 'FlowLivePage'),
})

export const equipmentRoutes = [
  sources,
  newSource,
  source,
  liveSource,
  editSource,
  sinks,
  sink,
  newSink,
  editSink,
  flows,
  uploadFlow,
  flow,
  liveFlow,
] as const
