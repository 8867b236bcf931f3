import {
  addApiToken,
  addUser,
  changeUser,
  deleteApiToken,
  deleteUser,
  listApiTokens,
  listAudit,
  listUsers,
} from './access/accounts.ts';
import { changePassword, login, logout, showSession } from './access/auth.ts';
import { addTargets, changeTargets, suggestTargets } from './targets/bulk.ts';
import { downloadBackup } from './backup.ts';
import { openStream, showFleet } from './fleet.ts';
import { exportLogs, listEvents, listLogs } from './history/history.ts';
import { importLogs, listImports, showImport, undoImport } from './history/imports.ts';
import { showInsights } from './history/insights.ts';
import type { Operation } from './operation.ts';
import { listOutages } from './history/outages.ts';
import { seedHistory, showInstallation, showLiveness, showMetrics, showReadiness, showSettings } from './system.ts';
import { showTargetCounters } from './targets/target-counters.ts';
import { exportTargets, importTargets, showImportTemplate } from './targets/target-files.ts';
import {
  addTarget,
  changeTarget,
  deleteTarget,
  listTargets,
  pauseTarget,
  restoreTarget,
  resumeTarget,
  showTarget,
} from './targets/targets.ts';
import { listTraces, showTrace, traceTarget } from './paths/traceroute.ts';

/** Every call of the API, in the order of the documentation. */
export const operations: readonly Operation[] = [
  login,
  changePassword,
  showSession,
  logout,
  listUsers,
  addUser,
  changeUser,
  deleteUser,
  listApiTokens,
  addApiToken,
  deleteApiToken,
  listAudit,
  addTarget,
  listTargets,
  showTarget,
  showTargetCounters,
  changeTarget,
  pauseTarget,
  resumeTarget,
  deleteTarget,
  restoreTarget,
  changeTargets,
  addTargets,
  suggestTargets,
  showImportTemplate,
  exportTargets,
  importTargets,
  listLogs,
  exportLogs,
  importLogs,
  listImports,
  showImport,
  undoImport,
  listEvents,
  showInsights,
  listOutages,
  showFleet,
  openStream,
  traceTarget,
  listTraces,
  showTrace,
  seedHistory,
  downloadBackup,
  showSettings,
  showInstallation,
  showLiveness,
  showReadiness,
  showMetrics,
];
