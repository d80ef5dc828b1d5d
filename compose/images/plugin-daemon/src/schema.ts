/** The columns that each of the daemon's tables begins with. */
const model = 'id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz, updated_at timestamptz';

/** The ten tables that plugin daemon 0.1.2 makes on its first start. Safe to run again. */
export const tables: readonly string[] = [
  `plugins (${model}, plugin_unique_identifier varchar(255), plugin_id varchar(255), refers bigint DEFAULT 0,
     install_type varchar(127), manifest_type varchar(127), remote_declaration text)`,
  `plugin_installations (${model}, tenant_id uuid, plugin_id varchar(255), plugin_unique_identifier varchar(255),
     runtime_type varchar(127), endpoints_setups bigint, endpoints_active bigint, source varchar(63), meta text,
     UNIQUE (tenant_id, plugin_id))`,
  `plugin_declarations (${model}, plugin_unique_identifier varchar(255) UNIQUE, plugin_id varchar(255), declaration text)`,
  `endpoints (${model}, name varchar(127) DEFAULT 'default', hook_id varchar(127) UNIQUE, tenant_id varchar(64),
     user_id varchar(64), plugin_id varchar(64), expired_at timestamptz, enabled boolean, settings text)`,
  `serverless_runtimes (${model}, plugin_unique_identifier varchar(255) UNIQUE, function_url varchar(255),
     function_name varchar(127), type varchar(127), checksum varchar(127))`,
  `tool_installations (${model}, tenant_id uuid NOT NULL, provider varchar(127) NOT NULL,
     plugin_unique_identifier varchar(255), plugin_id varchar(255))`,
  `ai_model_installations (${model}, provider varchar(127) NOT NULL, tenant_id uuid NOT NULL,
     plugin_unique_identifier varchar(255), plugin_id varchar(255))`,
  `install_tasks (${model}, status text NOT NULL, tenant_id uuid NOT NULL, total_plugins bigint NOT NULL,
     completed_plugins bigint NOT NULL, plugins text)`,
  `tenant_storages (${model}, tenant_id varchar(255) NOT NULL, plugin_id varchar(255) NOT NULL, size bigint NOT NULL)`,
  `agent_strategy_installations (${model}, tenant_id uuid NOT NULL, provider varchar(127) NOT NULL,
     plugin_unique_identifier varchar(255), plugin_id varchar(255))`,
];

export const indexes: readonly string[] = [
  'idx_plugins_plugin_id ON plugins (plugin_id)',
  'idx_plugin_installations_tenant_id ON plugin_installations (tenant_id)',
  'idx_endpoints_tenant_id ON endpoints (tenant_id)',
  'idx_install_tasks_status ON install_tasks (status)',
  'idx_tool_installations_tenant_id ON tool_installations (tenant_id)',
  'idx_ai_model_installations_tenant_id ON ai_model_installations (tenant_id)',
  'idx_agent_strategy_installations_tenant_id ON agent_strategy_installations (tenant_id)',
];
