// fixtures/mutation/backup.ts
import { isSeq } from "yaml";

// fixtures/mutation/fault.ts
import { isMap, parseDocument } from "yaml";
function setIn(doc, keys, value) {
  for (let depth = 1; depth < keys.length; depth++) {
    const at = keys.slice(0, depth);
    if (!isMap(doc.getIn(at))) doc.setIn(at, doc.createNode({}));
  }
  doc.setIn(keys, doc.createNode(value));
}

// fixtures/mutation/backup.ts
var only = ["backup"];
var GUIDE_PROCEDURES = `backup:
  backup: docker compose exec -T db pg_dump -U postgres dify > "$VERIFY_FOLDER.sql"
  restore: docker compose up -d --wait db && docker compose exec -T db psql -U postgres dify < "$VERIFY_FOLDER.sql"
`;
var mounts = (files, service, volumes) => files.compose((doc) => setIn(doc, ["services", service, "volumes"], volumes));
var backupFaults = [
  {
    id: "backup-postgres-beside-volume",
    title: "PGDATA lies beside the volume",
    field: "F114",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "environment", "PGDATA"], "/var/lib/postgresql/dify")),
    cause: "data-outside-volume:db",
    expect: ["backup/kept/db"],
    only
  },
  {
    id: "backup-postgres-in-memory",
    title: "the database lies in memory, as in a test",
    edit: (files) => files.compose((doc) => {
      const volumes = doc.getIn(["services", "db", "volumes"]);
      if (!isSeq(volumes)) throw new Error("db has no volumes");
      const at = volumes.items.findIndex((item) => String(item).includes(":/var/lib/postgresql/data"));
      if (at < 0) throw new Error("db has no volume for its data");
      volumes.delete(at);
      setIn(doc, ["services", "db", "tmpfs"], ["/var/lib/postgresql/data"]);
    }),
    cause: "data-outside-volume:db",
    expect: ["backup/kept/db"],
    only
  },
  {
    id: "backup-redis-beside-volume",
    title: "Redis writes into a folder beside its volume",
    edit: (files) => files.replace("docker-compose.yaml", "--appendonly, 'yes']", "--appendonly, 'yes', --dir, /tmp]"),
    cause: "data-outside-volume:redis",
    expect: ["backup/kept/redis"],
    only
  },
  {
    id: "backup-vectors-beside-volume",
    title: "the vector store writes beside its volume: a copy of the volume holds nothing",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "weaviate", "environment", "PERSISTENCE_DATA_PATH"], "/tmp/weaviate")
    ),
    cause: "data-outside-volume:weaviate",
    expect: ["backup/kept/weaviate", "backup/same/vectors/objects", "backup/load/vectors/acknowledged"],
    only
  },
  {
    id: "backup-vectors-anonymous-volume",
    title: "the volume of the vector store has no name: nobody finds it again",
    edit: (files) => mounts(files, "weaviate", ["/var/lib/weaviate"]),
    cause: "data-outside-volume:weaviate",
    expect: ["backup/kept/weaviate"],
    only
  },
  {
    id: "backup-storage-not-mounted",
    title: "uploads and private keys lie in the api's own container",
    field: "F119",
    edit: (files) => mounts(files, "api", []),
    cause: "data-outside-volume:api",
    expect: ["backup/kept/api"],
    only
  },
  {
    id: "backup-plugins-not-mounted",
    title: "plugins lie in the plugin daemon's own container",
    edit: (files) => mounts(files, "plugin_daemon", []),
    cause: "data-outside-volume:plugin_daemon",
    expect: ["backup/kept/plugin_daemon"],
    only
  },
  {
    id: "backup-vectors-start-once",
    title: "the vector store starts only the first time: a lock of its own is in the way afterwards",
    edit: (files) => files.compose((doc) => {
      const weaviate = ["services", "weaviate"];
      const start = "test ! -e /tmp/lock && touch /tmp/lock && exec /bin/weaviate --host 0.0.0.0 --port 8080 --scheme http";
      setIn(doc, [...weaviate, "entrypoint"], ["sh", "-c", start]);
    }),
    cause: "backup-leaves-down",
    expect: ["backup/serves-on"],
    only
  },
  {
    id: "backup-guide-procedure",
    title: "the guide's own backup: pg_dump of one database",
    field: "F125",
    edit: (files) => files.write("verify.yaml", GUIDE_PROCEDURES),
    cause: "backup-incomplete:*",
    expect: [
      "backup/same/postgres/rows",
      "backup/same/vectors/objects",
      "backup/same/redis/keys",
      "backup/same/files/api/app/api/storage/contents",
      "backup/use/credential",
      "backup/use/file"
    ],
    only
  }
];

// fixtures/mutation/config.ts
var TEMPLATE = "nginx/conf.d/default.conf.template";
var SQUID = "ssrf_proxy/squid.conf.template";
var only2 = ["config"];
var configFaults = [
  {
    id: "config-default-secret",
    title: "the database keeps the password of Dify's own example",
    field: "F084",
    edit: (files) => files.env("DB_PASSWORD", "difyai123456"),
    cause: "published-default-secret",
    expect: ["config/secret/default/db:*"],
    only: only2
  },
  {
    id: "config-sandbox-key-differs",
    title: "the sandbox demands another key than api sends",
    field: "F094",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "sandbox", "environment", "API_KEY"], "another-key-of-its-own-1")),
    cause: "secret-differs:sandbox:API_KEY",
    expect: ["config/secret/equal/sandbox:API_KEY"],
    only: only2
  },
  {
    id: "config-database-renamed",
    title: "an old .env names a database service of another release",
    field: "F007",
    edit: (files) => files.env("DB_HOST", "db_postgres"),
    cause: "wrong-address:DB_HOST",
    expect: ["config/host/DB_HOST"],
    only: only2
  },
  {
    id: "config-vector-store-absent",
    title: "the vector store is not among the services",
    field: "F099",
    edit: (files) => files.compose((doc) => doc.deleteIn(["services", "weaviate"])),
    cause: "wrong-address:WEAVIATE_ENDPOINT",
    expect: ["config/host/WEAVIATE_ENDPOINT"],
    only: only2
  },
  {
    id: "config-inner-port-moved",
    title: "the inner port of Redis is changed with its clients only",
    field: "F090",
    edit: (files) => {
      files.compose((doc) => setIn(doc, ["services", "api", "environment", "REDIS_PORT"], "6380"));
    },
    cause: "wrong-address:REDIS_HOST",
    expect: ["config/host/REDIS_HOST"],
    only: only2
  },
  {
    id: "config-debugging-published",
    title: "plugin debugging is published on all interfaces",
    field: "F075",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "plugin_daemon", "ports"], ["5003:5003"])),
    cause: "port-published:plugin_daemon",
    expect: ["config/port/plugin_daemon"],
    only: only2
  },
  {
    id: "config-database-published",
    title: "the database is published on all interfaces",
    field: "F073",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "ports"], ["5432:5432"])),
    cause: "port-published:db",
    expect: ["config/port/db"],
    only: only2
  },
  {
    id: "config-port-without-listener",
    title: "the published port leads to one that nginx does not listen on",
    field: "F027",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "nginx", "ports"], ["8080:8080"])),
    cause: "port-without-listener:nginx:8080",
    expect: ["config/port/nginx:8080/listened"],
    only: only2
  },
  {
    id: "config-health-check-removed",
    title: "web has no health check",
    field: "F042",
    edit: (files) => files.compose((doc) => {
      doc.deleteIn(["services", "web", "healthcheck"]);
      setIn(doc, ["services", "nginx", "depends_on", "web"], { condition: "service_started" });
    }),
    cause: "no-health-check",
    expect: ["config/health/web/present"],
    only: only2
  },
  {
    id: "config-started-not-healthy",
    title: "plugin_daemon starts as soon as the database is started",
    field: "F041",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "plugin_daemon", "depends_on", "db"], { condition: "service_started" })
    ),
    cause: "starts-too-early",
    expect: ["config/health/plugin_daemon/waits-for-database"],
    only: only2
  },
  {
    id: "config-static-upstream",
    title: "api is looked up only when nginx starts",
    field: "F001",
    edit: (files) => files.replace(TEMPLATE, /proxy_pass http:\/\/\$api;/, "proxy_pass http://api:5001;"),
    cause: "nginx-static-upstream",
    expect: ["config/nginx/nginx/re-resolved/api"],
    only: only2
  },
  {
    id: "config-upstream-of-replicas",
    title: "the guide's upstream block names containers that do not resolve",
    field: "F006",
    edit: (files) => {
      files.replace(
        TEMPLATE,
        /^server \{/m,
        "upstream apis {\n    server api_1:5001;\n    server api_2:5001;\n}\n\nserver {"
      );
      files.replace(TEMPLATE, /proxy_pass http:\/\/\$api;/, "proxy_pass http://apis;");
    },
    cause: "nginx-unknown-upstream",
    expect: ["config/nginx/nginx/names"],
    only: only2
  },
  {
    id: "config-placeholder-unfilled",
    title: "a template has a placeholder that nothing fills",
    edit: (files) => files.replace(TEMPLATE, "listen ${NGINX_PORT}", "listen ${NGINX_HTTP_PORT}"),
    cause: "nginx-placeholder",
    expect: ["config/nginx/nginx/placeholders"],
    only: only2
  },
  {
    id: "config-variables-eaten",
    title: "the templates are rendered without a list of names",
    field: "F018",
    edit: (files) => files.replace(
      "nginx/docker-entrypoint.sh",
      /^exec nginx/m,
      "envsubst < /etc/nginx/proxy.conf.template > /etc/nginx/proxy.conf\nexec nginx"
    ),
    cause: "nginx-variables-lost",
    expect: ["config/nginx/nginx/variables"],
    only: only2
  },
  {
    id: "config-tls-switch-misspelt",
    title: "TLS is switched on by a word that the entry point does not know",
    field: "F030",
    edit: (files) => files.env("NGINX_HTTPS_ENABLED", "yes"),
    cause: "nginx-tls-incomplete",
    expect: ["config/nginx/nginx/tls"],
    only: only2
  },
  {
    id: "config-certificate-missing",
    title: "TLS is on and its files are not there",
    field: "F031",
    edit: (files) => files.env("NGINX_HTTPS_ENABLED", "true"),
    cause: "nginx-tls-incomplete",
    expect: ["config/nginx/nginx/tls"],
    only: only2
  },
  {
    id: "config-certificate-behind-link",
    title: "TLS is on and its files are links out of the folder that is mounted",
    field: "F031",
    edit: (files) => {
      files.env("NGINX_HTTPS_ENABLED", "true");
      for (const name of ["dify.crt", "dify.key"]) {
        files.write(`archive/${name}`, "x");
        files.link(`nginx/ssl/${name}`, `../../archive/${name}`);
      }
    },
    cause: "nginx-tls-incomplete",
    expect: ["config/nginx/nginx/tls"],
    only: only2
  },
  {
    id: "config-squid-include-first",
    title: "Squid reads the image's own rules before it refuses private targets",
    field: "F076",
    edit: (files) => files.replace(
      SQUID,
      /^http_access deny to_private/m,
      "acl localnet src 172.16.0.0/12\ninclude /etc/squid/conf.d/*.conf\nhttp_access deny to_private"
    ),
    cause: "squid-private-open",
    expect: ["config/squid/ssrf_proxy/private"],
    only: only2
  },
  {
    id: "config-squid-peer-open",
    title: "Squid's sandbox peer takes ordinary requests",
    field: "F077",
    edit: (files) => files.replace(SQUID, /^(cache_peer_access|always_direct|never_direct) .*\n/m, ""),
    cause: "squid-peer-open",
    expect: ["config/squid/ssrf_proxy/peer"],
    only: only2
  },
  {
    id: "config-sandbox-beside-data",
    title: "the sandbox is put on the default network, too",
    field: "F069",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "sandbox", "networks"], ["ssrf_proxy_network", "default"])),
    cause: "sandbox-beside-stores:sandbox",
    expect: ["config/network/sandbox/apart", "config/network/sandbox/inside"],
    only: only2
  },
  {
    id: "config-inner-network-open",
    title: "the inner network is not internal",
    field: "F068",
    edit: (files) => files.compose((doc) => doc.deleteIn(["networks", "ssrf_proxy_network", "internal"])),
    cause: "sandbox-network-open:sandbox",
    expect: ["config/network/sandbox/inside"],
    only: only2
  },
  {
    id: "config-template-missing",
    title: "only docker-compose.yaml was downloaded: a mounted template is missing",
    field: "F050",
    edit: (files) => files.remove("nginx/proxy.conf.template"),
    cause: "mount-missing:nginx",
    expect: ["config/mount/nginx/there"],
    only: only2
  },
  {
    id: "config-windows-line-ends",
    title: "a script has Windows line ends and nothing strips them",
    field: "F048",
    edit: (files) => {
      files.replace("nginx/docker-entrypoint.sh", /\n/, "\r\n");
      files.compose((doc) => setIn(doc, ["services", "nginx", "entrypoint"], ["sh", "/docker-entrypoint-mount.sh"]));
    },
    cause: "script-unusable:nginx",
    expect: ["config/mount/nginx/script"],
    only: only2
  },
  {
    id: "config-data-outside-volume",
    title: "PostgreSQL keeps its data outside the volume",
    field: "F114",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "environment", "PGDATA"], "/var/lib/pgdata")),
    cause: "data-outside-volume:db",
    expect: ["config/mount/db/kept"],
    only: only2
  },
  {
    id: "config-stays-down",
    title: "nginx does not come back after a crash",
    field: "F059",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "nginx", "restart"], "no")),
    cause: "restart-policy-missing",
    expect: ["config/setting/restart"],
    only: only2
  },
  {
    id: "config-releases-mixed",
    title: "worker is of an older release than api",
    field: "F128",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "worker", "image"], "langgenius/dify-api:1.4.0")),
    cause: "releases-mixed",
    expect: ["config/setting/release/application"],
    only: only2
  },
  {
    id: "config-address-without-scheme",
    title: "a public address has no scheme",
    field: "F028",
    edit: (files) => files.env("CONSOLE_API_URL", "10.12.12.31:8000"),
    cause: "public-address",
    expect: ["config/setting/urls/scheme"],
    only: only2
  },
  {
    id: "config-address-without-port",
    title: "nginx is published on another port and the addresses do not say so",
    field: "F026",
    edit: (files) => {
      files.env("EXPOSE_NGINX_PORT", "8080");
      files.replace("nginx/proxy.conf.template", "Host $http_host", "Host $host");
    },
    cause: "nginx-port-lost",
    expect: ["config/setting/urls/port"],
    only: only2
  }
];

// fixtures/mutation/datapath.ts
var SQUID2 = "ssrf_proxy/squid.conf.template";
var only3 = ["datapath"];
function variable(files, service, values) {
  files.compose((doc) => {
    for (const [name, value] of Object.entries(values)) setIn(doc, ["services", service, "environment", name], value);
  });
}
var edit = (change) => (files) => files.compose(change);
var datapathFaults = [
  {
    id: "datapath-worker-other-broker",
    title: "the worker listens in another database of the broker than the one that api queues in",
    field: "F101",
    edit: (files) => variable(files, "worker", { CELERY_BROKER_URL: "redis://:${REDIS_PASSWORD}@${REDIS_HOST:-redis}:6379/2" }),
    cause: "broker-apart",
    expect: ["datapath/dataset/indexing", "datapath/hop/api-broker", "datapath/hop/worker-broker"],
    only: only3
  },
  {
    id: "datapath-worker-queues",
    title: "the worker does not listen to the queue of documents",
    field: "F100",
    edit: (files) => variable(files, "worker", { CELERY_QUEUES: "mail,ops_trace,app_deletion" }),
    cause: "worker-deaf",
    expect: ["datapath/dataset/indexing", "datapath/hop/api-broker"],
    only: only3
  },
  {
    id: "datapath-worker-idle",
    title: "the worker runs and consumes nothing, and its health check is always green",
    field: "F101",
    edit: edit((doc) => {
      setIn(doc, ["services", "worker", "entrypoint"], ["sleep", "infinity"]);
      setIn(doc, ["services", "worker", "healthcheck", "test"], ["CMD", "true"]);
    }),
    cause: "worker-deaf",
    expect: ["datapath/dataset/indexing", "datapath/hop/api-broker"],
    only: only3
  },
  {
    id: "datapath-api-broker-password",
    title: "api has another password for the broker than the server",
    field: "F087",
    edit: (files) => variable(files, "api", { CELERY_BROKER_URL: "redis://:not-the-password@${REDIS_HOST:-redis}:6379/1" }),
    cause: "secret-differs:redis:requirepass",
    expect: ["datapath/dataset/document", "datapath/hop/api-broker"],
    only: only3
  },
  {
    id: "datapath-worker-redis-password",
    title: "the worker has another password for the cache than the server",
    field: "F087",
    edit: (files) => variable(files, "worker", { REDIS_PASSWORD: "not-the-password", MIGRATION_ENABLED: "false" }),
    cause: "secret-differs:redis:requirepass",
    expect: ["datapath/hop/worker-cache"],
    only: only3
  },
  {
    id: "datapath-worker-database-password",
    title: "the worker has another password for the database than the server",
    field: "F089",
    edit: (files) => variable(files, "worker", { DB_PASSWORD: "not-the-password", MIGRATION_ENABLED: "false" }),
    cause: "secret-differs:db:POSTGRES_PASSWORD",
    expect: ["datapath/dataset/indexing", "datapath/hop/worker-database"],
    only: only3
  },
  {
    id: "datapath-sandbox-key",
    title: "api has another key for the sandbox than the sandbox",
    field: "F094",
    edit: (files) => variable(files, "api", { CODE_EXECUTION_API_KEY: "not-the-key" }),
    cause: "secret-differs:sandbox:API_KEY",
    expect: ["datapath/workflow/code-node"],
    only: only3
  },
  {
    id: "datapath-plugin-key",
    title: "api has another key for the plugin daemon than the plugin daemon",
    field: "F092",
    edit: (files) => variable(files, "api", { PLUGIN_DAEMON_KEY: "not-the-key" }),
    cause: "secret-differs:plugin_daemon:SERVER_KEY",
    expect: ["datapath/plugins", "datapath/hop/api-plugin-daemon"],
    only: only3
  },
  {
    id: "datapath-plugin-database-gone",
    title: "the database of the plugins is gone, as after a restore of dify alone",
    field: "F091",
    edit: edit((doc) => {
      setIn(
        doc,
        ["services", "plugin_daemon", "healthcheck", "test"],
        ["CMD-SHELL", "curl -fsS http://127.0.0.1:5002/health/check"]
      );
      setIn(doc, ["services", "forgetful"], {
        image: "postgres:15-alpine",
        environment: { PGPASSWORD: "${DB_PASSWORD}" },
        entrypoint: [
          "psql",
          "-h",
          "db",
          "-U",
          "postgres",
          "-d",
          "postgres",
          "-c",
          "drop database dify_plugin with (force)"
        ],
        networks: ["default"],
        depends_on: { plugin_daemon: { condition: "service_healthy" } }
      });
      setIn(doc, ["services", "nginx", "depends_on", "forgetful"], { condition: "service_completed_successfully" });
    }),
    cause: "database-missing",
    expect: ["datapath/plugins", "datapath/hop/plugin_daemon-database"],
    only: only3
  },
  {
    id: "datapath-weaviate-key-of-worker",
    title: "the worker has another key for the vector store than the server",
    field: "F096",
    edit: (files) => variable(files, "worker", { WEAVIATE_API_KEY: "not-the-key" }),
    cause: "secret-differs:weaviate:AUTHENTICATION_APIKEY_ALLOWED_KEYS",
    expect: ["datapath/hop/worker-vector-store"],
    only: only3
  },
  {
    id: "datapath-weaviate-key-of-api",
    title: "api has another key for the vector store than the server",
    field: "F096",
    edit: (files) => variable(files, "api", { WEAVIATE_API_KEY: "not-the-key" }),
    cause: "secret-differs:weaviate:AUTHENTICATION_APIKEY_ALLOWED_KEYS",
    expect: ["datapath/hop/api-vector-store"],
    only: only3
  },
  {
    id: "datapath-storage-not-shared",
    title: "api and worker have a storage each",
    edit: edit((doc) => setIn(doc, ["services", "worker", "volumes"], ["dify_plugin_storage:/app/api/storage"])),
    cause: "storage-apart",
    expect: ["datapath/dataset/indexing", "datapath/hop/worker-storage"],
    only: only3
  },
  {
    id: "datapath-storage-in-containers",
    title: "api has no volume: each replica keeps uploads and keys for itself",
    edit: edit((doc) => setIn(doc, ["services", "api", "volumes"], [])),
    cause: "data-outside-volume:api",
    expect: ["datapath/hop/api-private-key", "datapath/hop/worker-storage"],
    only: only3
  },
  {
    id: "datapath-storage-read-only",
    title: "api may not write its storage",
    field: "F116",
    edit: edit((doc) => setIn(doc, ["services", "api", "volumes"], ["dify_app_storage:/app/api/storage:ro"])),
    cause: "storage-apart",
    expect: ["datapath/setup"],
    only: only3
  },
  {
    id: "datapath-proxy-denies",
    title: "Squid lets none of its clients out",
    edit: (files) => files.replace(SQUID2, /^http_access allow clients\n/m, ""),
    cause: "squid-shut",
    expect: ["datapath/workflow/http-node"],
    only: only3
  },
  {
    id: "datapath-proxy-without-way-out",
    title: "Squid may not go out itself and has no peer that does",
    edit: (files) => files.replace(SQUID2, /^always_direct .*$/m, "never_direct allow all"),
    cause: "proxy-refuses",
    expect: ["datapath/workflow/http-node"],
    only: only3
  },
  {
    id: "datapath-proxy-only-inside",
    title: "Squid is on the internal network only",
    edit: edit((doc) => setIn(doc, ["services", "ssrf_proxy", "networks"], ["ssrf_proxy_network"])),
    cause: "network-missing:ssrf_proxy",
    expect: ["datapath/hop/ssrf_proxy-way-out"],
    only: only3
  },
  {
    id: "datapath-proxy-not-used",
    title: "requests of workflows leave api past the proxy",
    field: "F083",
    edit: (files) => variable(files, "api", { SSRF_PROXY_HTTP_URL: "", SSRF_PROXY_HTTPS_URL: "" }),
    cause: "proxy-not-used",
    expect: ["datapath/workflow/http-node", "datapath/hop/api-proxy-log"],
    only: only3
  }
];

// fixtures/mutation/dns.ts
var only4 = ["dns"];
var dnsFaults = [
  {
    id: "dns-extra-hosts-shadow",
    title: "extra_hosts gives api a fixed address for sandbox",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "api", "extra_hosts"], ["sandbox:192.0.2.10"])),
    cause: "name-shadowed:api",
    expect: ["dns/api/hosts-file", "dns/api/resolves/sandbox", "dns/api/environment/CODE_EXECUTION_ENDPOINT"],
    only: only4
  },
  {
    id: "dns-renamed-host",
    title: "the environment names the sandbox as it was called before",
    field: "F007",
    edit: (files) => files.replace(
      "docker-compose.yaml",
      "CODE_EXECUTION_ENDPOINT: http://sandbox:8194",
      "CODE_EXECUTION_ENDPOINT: http://dify_sandbox:8194"
    ),
    cause: "wrong-address:CODE_EXECUTION_ENDPOINT",
    expect: ["dns/api/environment/CODE_EXECUTION_ENDPOINT", "dns/worker/environment/CODE_EXECUTION_ENDPOINT"],
    only: only4
  },
  {
    id: "dns-wrong-port",
    title: "the environment names the proxy's published port in place of its own",
    field: "F090",
    edit: (files) => files.replace(
      "docker-compose.yaml",
      "SSRF_PROXY_HTTP_URL: http://ssrf_proxy:3128",
      "SSRF_PROXY_HTTP_URL: http://ssrf_proxy:13128"
    ),
    cause: "wrong-address:SSRF_PROXY_HTTP_URL",
    expect: ["dns/api/environment/SSRF_PROXY_HTTP_URL"],
    only: only4
  },
  {
    id: "dns-alias-of-another",
    title: "web has the name of the vector store as an alias",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "web", "networks"], { default: { aliases: ["weaviate"] } })),
    cause: "name-shared:weaviate",
    expect: ["dns/api/resolves/weaviate", "dns/worker/resolves/weaviate"],
    only: only4
  },
  {
    id: "dns-proxy-off-sandbox-network",
    title: "ssrf_proxy is on the open network only",
    field: "F009",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "ssrf_proxy", "networks"], ["default"])),
    cause: "network-missing:ssrf_proxy",
    expect: ["dns/sandbox/environment/HTTP_PROXY", "dns/ssrf_proxy/environment/SANDBOX_HOST"],
    only: only4
  },
  {
    id: "dns-api-off-sandbox-network",
    title: "api is on the open network only",
    field: "F071",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "api", "networks"], ["default"])),
    cause: "network-missing:api",
    expect: ["dns/api/environment/CODE_EXECUTION_ENDPOINT"],
    only: only4
  },
  {
    id: "dns-search-domain",
    title: "nginx looks for short names in a domain of the company",
    field: "F003",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "nginx", "dns_search"], ["corp.test"])),
    cause: "search-domain",
    expect: ["dns/search-domains"],
    only: only4
  },
  {
    id: "dns-foreign-resolver",
    title: "a resolv.conf of the host is mounted into web",
    field: "F008",
    edit: (files) => {
      files.write("resolv.conf", "nameserver 192.0.2.53\n");
      files.compose((doc) => setIn(doc, ["services", "web", "volumes"], ["./resolv.conf:/etc/resolv.conf:ro"]));
    },
    cause: "resolver-foreign:web",
    expect: ["dns/web/resolver"],
    only: only4
  }
];

// fixtures/mutation/failover.ts
var SERVER = "nginx/conf.d/default.conf.template";
var PROXY = "nginx/proxy.conf.template";
var HTTP = "nginx/nginx.conf.template";
var only5 = ["failover"];
var failoverFaults = [
  {
    id: "failover-static-upstreams",
    title: "nginx looks the names of its upstreams up once, when it starts",
    field: "F001",
    edit: (files) => {
      for (const [variable2, address] of [
        ["api", "api:5001"],
        ["web", "web:3000"],
        ["plugin_daemon", "plugin_daemon:5002"]
      ]) {
        files.replace(SERVER, `proxy_pass http://$${variable2};`, `proxy_pass http://${address};`);
      }
    },
    cause: "nginx-static-upstream",
    expect: [
      "failover/api/new-address",
      "failover/api/new-address/location:/v1",
      "failover/api/recreate/serves-again",
      "failover/api/rolling/lost-nothing",
      "failover/web/new-address/location:/",
      "failover/plugin_daemon/new-address/location:/e/"
    ],
    only: only5
  },
  {
    id: "failover-static-web",
    title: "only web is looked up once, when nginx starts",
    field: "F001",
    edit: (files) => files.replace(SERVER, "proxy_pass http://$web;", "proxy_pass http://web:3000;"),
    cause: "nginx-static-upstream",
    expect: ["failover/web/new-address", "failover/web/new-address/location:/"],
    only: only5
  },
  {
    id: "failover-resolver-valid-1h",
    title: "nginx keeps the addresses of its upstreams for an hour",
    field: "F110",
    edit: (files) => files.replace(HTTP, "valid=1s", "valid=1h"),
    cause: "nginx-stale-resolver",
    expect: ["failover/api/recreate/serves-again", "failover/api/new-address"],
    only: only5
  },
  {
    id: "failover-connect-timeout-default",
    title: "no proxy_connect_timeout: requests hang while a replica is away",
    edit: (files) => files.replace(PROXY, /^proxy_connect_timeout .*\n/m, ""),
    cause: "nginx-connect-timeout",
    expect: ["failover/api/kill/in-time", "failover/api/stop/in-time"],
    only: only5
  },
  {
    id: "failover-no-next-upstream",
    title: "proxy_next_upstream off: a request that meets a dead replica is not passed on",
    edit: (files) => files.replace(PROXY, /^proxy_next_upstream .*$/m, "proxy_next_upstream off;"),
    cause: "nginx-no-next-upstream",
    expect: ["failover/api/kill/lost-nothing", "failover/api/crash/lost-nothing"],
    only: only5
  },
  {
    id: "failover-post-repeated",
    title: "proxy_next_upstream non_idempotent: a POST in the hands of a dying replica is sent again",
    edit: (files) => files.replace(PROXY, /^proxy_next_upstream .*$/m, "proxy_next_upstream error timeout non_idempotent;"),
    cause: "nginx-repeats-posts",
    expect: ["failover/api/crash/no-post-twice"],
    only: only5
  },
  {
    id: "failover-restart-policy-missing",
    title: "api has no restart policy",
    field: "F059",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "api", "restart"], "no")),
    cause: "restart-policy-missing",
    expect: ["failover/api/crash/restart-policy", "failover/api/crash/serves-again"],
    only: only5
  },
  {
    id: "failover-one-replica-preferred",
    title: "an upstream block sends every client to one replica of its own (ip_hash)",
    edit: (files) => {
      files.replace(
        HTTP,
        /^(\s*)include \/etc\/nginx\/conf\.d\/\*\.conf;$/m,
        "$1upstream sticky { ip_hash; server api:5001; }\n$&"
      );
      files.replace(SERVER, "proxy_pass http://$api;", "proxy_pass http://sticky;");
    },
    cause: "load-unbalanced",
    expect: ["failover/api/baseline/each-replica-serves", "failover/api/baseline/fair-share"],
    only: only5
  }
];

// fixtures/mutation/guide.ts
import { isSeq as isSeq2 } from "yaml";
var only6 = ["guide"];
var guideFaults = [
  {
    id: "guide-logging-none",
    title: "the logs of api are switched off to spare the disk",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "api", "logging"], { driver: "none" })),
    cause: "logs-lost:api",
    expect: ["guide/logs/api"],
    only: only6
  },
  {
    id: "guide-logs-to-file",
    title: "Redis logs into a file of its own container",
    edit: (files) => files.replace("docker-compose.yaml", "--appendonly, 'yes']", "--appendonly, 'yes', --logfile, /data/redis.log]"),
    cause: "logs-lost:redis",
    expect: ["guide/logs/redis"],
    only: only6
  },
  {
    id: "guide-head-refused",
    title: "a hardened nginx takes a list of methods that HEAD is not in",
    edit: (files) => files.replace(
      "nginx/conf.d/default.conf.template",
      /^( +)server_name .*$/m,
      "$&\n$1if ($$request_method !~ ^(GET|POST|PUT|PATCH|DELETE|OPTIONS)$$) { return 405; }"
    ),
    cause: "nginx-head-refused",
    expect: ["guide/outside/site", "guide/outside/health", "guide/outside/console-setup", "guide/outside/api-apps"],
    only: only6
  },
  {
    id: "guide-database-socket-peer",
    title: "pg_hba.conf of a server outside of containers: over the socket only the system's user of that name comes in",
    edit: (files) => {
      files.write("postgres/pg_hba.conf", "local all all peer\nhost all all all scram-sha-256\n");
      files.compose((doc) => {
        const db = ["services", "db"];
        const [command, volumes] = [doc.getIn([...db, "command"]), doc.getIn([...db, "volumes"])];
        if (!isSeq2(command) || !isSeq2(volumes)) throw new Error("db has no command or no volumes to add to");
        for (const word of ["-c", "hba_file=/etc/postgresql/pg_hba.conf"]) command.add(word);
        volumes.add("./postgres/pg_hba.conf:/etc/postgresql/pg_hba.conf:ro");
      });
    },
    cause: "database-socket-shut",
    expect: ["guide/db/psql/dify", "guide/db/psql/dify_plugin", "guide/db/pg-dump/dify"],
    only: only6
  },
  {
    id: "guide-database-outside-volume",
    title: "PGDATA lies beside the volume: its tar holds nothing",
    field: "F114",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "environment", "PGDATA"], "/var/lib/postgresql/dify")),
    cause: "data-outside-volume:db",
    expect: ["guide/db/volume-tar"],
    only: only6
  },
  {
    id: "guide-vector-endpoint-port",
    title: "the endpoint of the vector store names a port at which it does not listen",
    field: "F090",
    edit: (files) => files.env("WEAVIATE_ENDPOINT", "http://weaviate:8081"),
    cause: "wrong-address:WEAVIATE_ENDPOINT",
    expect: ["guide/api/curl/weaviate", "guide/api/ping/weaviate"],
    only: only6
  },
  {
    id: "guide-script-names-container",
    title: "the script for the backup calls the database by the name that its container has on one machine",
    edit: (files) => files.write("scripts/backup.sh", "#!/bin/sh\ndocker exec docker-db-1 pg_dump -U postgres dify > backup.sql\n"),
    cause: "script-names-container",
    expect: ["guide/files/container-names"],
    only: only6
  },
  {
    id: "guide-restart-first-start-only",
    title: "nginx's entry point makes a folder, which is there already at the second start",
    edit: (files) => files.replace("nginx/docker-entrypoint.sh", /^set -eu$/m, "$&\n\nmkdir /etc/nginx/rendered"),
    cause: "restart-fails:nginx",
    expect: ["guide/restart/nginx"],
    only: only6
  },
  {
    id: "guide-restart-stale-pid",
    title: "the worker finds the pid file of its last run and takes itself for another",
    edit: (files) => files.compose(
      (doc) => setIn(
        doc,
        ["services", "worker", "command"],
        [
          "sh",
          "-c",
          '[ ! -e /tmp/celery.pid ] || { echo "ERROR: Pidfile (/tmp/celery.pid) already exists." >&2; exit 73; }; echo 1 > /tmp/celery.pid; exec node /app/api/main.js'
        ]
      )
    ),
    cause: "restart-fails:worker",
    expect: ["guide/restart/worker"],
    only: only6
  }
];

// fixtures/mutation/health.ts
var only7 = ["health"];
var testOf = (service) => ["services", service, "healthcheck", "test"];
var healthFaults = [
  {
    id: "health-redis-ping",
    title: "the health check of Redis is a plain redis-cli ping, which is green under NOAUTH",
    field: "F037",
    edit: (files) => files.compose((doc) => setIn(doc, testOf("redis"), ["CMD", "redis-cli", "ping"])),
    cause: "health-check-blind:redis",
    expect: ["health/redis/truth/credentials"],
    only: only7
  },
  {
    id: "health-pg-isready",
    title: "the health check of the database is pg_isready, which never logs in",
    field: "F089",
    edit: (files) => files.compose((doc) => setIn(doc, testOf("db"), ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "postgres"])),
    cause: "health-check-blind:db",
    expect: ["health/db/truth/credentials", "health/db/truth/password"],
    only: only7
  },
  {
    id: "health-true",
    title: "the health check of web looks at nothing",
    edit: (files) => files.compose((doc) => setIn(doc, testOf("web"), ["CMD", "true"])),
    cause: "health-check-blind:web",
    expect: ["health/web/truth/frozen", "health/web/truth/gone"],
    only: only7
  },
  {
    id: "health-process-only",
    title: "the health check of plugin_daemon asks whether a process exists, not whether it answers",
    field: "F044",
    edit: (files) => files.compose((doc) => setIn(doc, testOf("plugin_daemon"), ["CMD-SHELL", "kill -0 1"])),
    cause: "health-check-blind:plugin_daemon",
    expect: ["health/plugin_daemon/truth/frozen"],
    only: only7
  },
  {
    id: "health-other-service",
    title: "the health check of ssrf_proxy looks at Redis",
    field: "F044",
    edit: (files) => files.compose(
      (doc) => setIn(doc, testOf("ssrf_proxy"), ["CMD", "timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/redis/6379"])
    ),
    cause: "health-check-blind:ssrf_proxy",
    expect: ["health/ssrf_proxy/truth/frozen"],
    only: only7
  },
  {
    id: "health-failure-hidden",
    title: 'the health check of sandbox ends with "|| true"',
    edit: (files) => files.compose(
      (doc) => setIn(doc, testOf("sandbox"), ["CMD-SHELL", "curl -fsS -m 1 http://127.0.0.1:8194/health || true"])
    ),
    cause: "health-check-blind:sandbox",
    expect: ["health/sandbox/truth/gone"],
    only: only7
  },
  {
    id: "health-tool-missing",
    title: "the health check of web calls a tool that the image does not have",
    field: "F045",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "web", "healthcheck"], {
        test: ["CMD", "grpc_health_probe", "-addr=:3000"],
        interval: "1s",
        timeout: "1s",
        retries: 2
      })
    ),
    cause: "service-down:web",
    expect: ["health/boot"],
    only: only7
  },
  {
    id: "health-started-not-healthy",
    title: "api waits only for the start of the database",
    field: "F041",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "api", "depends_on"], {
        db: { condition: "service_started" },
        redis: { condition: "service_started" }
      })
    ),
    cause: "starts-too-early",
    expect: ["health/api/order/db"],
    only: only7
  },
  {
    id: "health-one-shot-fails",
    title: "a one-shot that prepares a volume exits with 1",
    field: "F118",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "init_permissions"], {
        image: "busybox:latest",
        command: ["sh", "-c", 'echo "chown: Operation not permitted"; exit 1']
      })
    ),
    cause: "service-down:init_permissions",
    expect: ["health/boot"],
    only: only7
  },
  {
    id: "health-crash-hidden",
    title: "Redis crashes once at its start, and its restart policy hides it",
    field: "F041",
    edit: (files) => files.compose(
      (doc) => setIn(
        doc,
        ["services", "redis", "entrypoint"],
        ["sh", "-c", '[ -e /crashed ] || { touch /crashed; exit 1; }; exec docker-entrypoint.sh "$$@"', "redis"]
      )
    ),
    cause: "crash-hidden:redis",
    expect: ["health/redis/restarts"],
    only: only7
  },
  {
    id: "health-role-refused",
    title: "the health check of the database asks as a role that does not exist, and fills its log",
    field: "F040",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "db", "healthcheck"], {
        test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "root"],
        interval: "500ms",
        timeout: "5s",
        retries: 100
      })
    ),
    cause: "health-check-blind:db",
    expect: ["health/db/log", "health/db/truth/credentials"],
    only: only7
  },
  {
    id: "health-deaf-without-check",
    title: "a service without a health check runs and never serves: it listens on nothing",
    field: "F042",
    edit: (files) => files.compose((doc) => {
      doc.deleteIn(["services", "ssrf_proxy", "healthcheck"]);
      setIn(doc, ["services", "ssrf_proxy", "entrypoint"], ["sleep", "infinity"]);
    }),
    cause: "service-down:ssrf_proxy",
    expect: ["health/boot", "health/ssrf_proxy/answers/3128"],
    only: only7
  },
  {
    id: "health-worker-loops",
    title: "the worker ends at once and is started again and again; everything else comes up",
    edit: (files) => files.compose(
      (doc) => setIn(
        doc,
        ["services", "worker", "entrypoint"],
        ["sh", "-c", 'echo "ModuleNotFoundError: No module named app"; exit 1']
      )
    ),
    cause: "service-down:worker",
    expect: ["health/boot", "health/worker/converges"],
    only: only7
  },
  {
    id: "health-api-never",
    title: "the health check of api asks a port where nobody listens, and nginx waits for it for ever",
    field: "F044",
    edit: (files) => files.compose(
      (doc) => setIn(doc, ["services", "api", "healthcheck"], {
        test: ["CMD", "curl", "-fsS", "-m", "2", "-o", "/dev/null", "http://127.0.0.1:5009/health"],
        interval: "1s",
        timeout: "3s",
        retries: 3
      })
    ),
    cause: "service-down:api",
    expect: ["health/boot", "health/api/converges"],
    only: only7
  }
];

// fixtures/mutation/isolation.ts
var SQUID3 = "ssrf_proxy/squid.conf.template";
var only8 = ["isolation"];
var isolationFaults = [
  {
    id: "isolation-network-not-internal",
    title: "the sandbox's network leads outside",
    field: "F068",
    edit: (files) => files.compose((doc) => setIn(doc, ["networks", "ssrf_proxy_network", "internal"], false)),
    cause: "sandbox-network-open:sandbox",
    expect: [
      "isolation/sandbox/internal-only",
      "isolation/sandbox/default-route",
      "isolation/sandbox/outside/by-address",
      "isolation/sandbox/code/outside"
    ],
    only: only8
  },
  {
    id: "isolation-sandbox-on-default",
    title: "the sandbox is on the network of the stores",
    field: "F069",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "sandbox", "networks"], ["ssrf_proxy_network", "default"])),
    cause: "sandbox-beside-stores:sandbox",
    expect: [
      "isolation/sandbox/denied/db:5432",
      "isolation/sandbox/denied/redis:6379",
      "isolation/sandbox/code/denied/weaviate:8080",
      "isolation/db/apart-from/sandbox",
      "isolation/sandbox/outside/by-name"
    ],
    only: only8
  },
  {
    id: "isolation-store-on-sandbox-network",
    title: "the vector store is on the sandbox's network, too",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "weaviate", "networks"], ["ssrf_proxy_network", "default"])),
    cause: "sandbox-beside-stores:sandbox",
    expect: ["isolation/weaviate/apart-from/sandbox", "isolation/sandbox/denied/weaviate:8080"],
    only: only8
  },
  {
    id: "isolation-api-off-sandbox-network",
    title: "api is on the open network only",
    field: "F071",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "api", "networks"], ["default"])),
    cause: "network-missing:api",
    expect: ["isolation/api/allowed/sandbox:8194"],
    only: only8
  },
  {
    id: "isolation-sandbox-published",
    title: "the sandbox publishes its port",
    field: "F072",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "sandbox", "ports"], ["8194:8194"])),
    cause: "port-published:sandbox",
    expect: ["isolation/sandbox/published"],
    only: only8
  },
  {
    id: "isolation-database-published",
    title: "the database publishes its port",
    field: "F073",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "ports"], ["5432:5432"])),
    cause: "port-published:db",
    expect: ["isolation/db/published"],
    only: only8
  },
  {
    id: "isolation-squid-allows-private",
    title: "Squid lets every local client reach every private target",
    field: "F076",
    edit: (files) => files.replace(SQUID3, /^http_access deny to_private.*\n/m, ""),
    cause: "squid-private-open",
    expect: [
      "isolation/ssrf_proxy/refuses/weaviate:8080",
      "isolation/ssrf_proxy/refuses/link-local",
      "isolation/ssrf_proxy/refuses/loopback",
      "isolation/sandbox/code/refused/weaviate:8080"
    ],
    only: only8
  },
  {
    id: "isolation-squid-peer-takes-all",
    title: "Squid may hand ordinary requests to the sandbox peer",
    field: "F077",
    edit: (files) => files.replace(SQUID3, /^(cache_peer_access|never_direct|always_direct) .*\n/m, ""),
    cause: "squid-peer-open",
    expect: ["isolation/sandbox/through-ssrf_proxy/allowed"],
    only: only8
  },
  {
    id: "isolation-squid-tunnels-anywhere",
    title: "Squid opens tunnels to any port",
    field: "F078",
    edit: (files) => files.replace(SQUID3, /^acl ssl_ports port 443$/m, "acl ssl_ports port 443 1025-65535"),
    cause: "squid-tunnels",
    expect: ["isolation/ssrf_proxy/connect-ports"],
    only: only8
  },
  {
    id: "isolation-weaviate-anonymous",
    title: "the vector store answers without a key",
    field: "F097",
    edit: (files) => {
      files.replace("docker-compose.yaml", /ANONYMOUS_ACCESS_ENABLED: 'false'/, "ANONYMOUS_ACCESS_ENABLED: 'true'");
      files.replace("docker-compose.yaml", /ADMINLIST_ENABLED: 'true'/, "ADMINLIST_ENABLED: 'false'");
    },
    cause: "anonymous-access:weaviate",
    expect: ["isolation/weaviate/key/refused"],
    only: only8
  },
  {
    id: "isolation-database-trust",
    title: "the database asks nobody for a password",
    edit: (files) => files.compose((doc) => setIn(doc, ["services", "db", "environment", "POSTGRES_HOST_AUTH_METHOD"], "trust")),
    cause: "anonymous-access:db",
    expect: ["isolation/db/key/refused"],
    only: only8
  }
];

// fixtures/mutation/outside.ts
var only9 = ["datapath"];
function storesOutside(files) {
  files.env("DB_HOST", "db.prod.example");
  files.env("DB_PORT", "6432");
  files.env("REDIS_HOST", "198.51.100.7");
  files.env("REDIS_PORT", "6390");
  files.env("WEAVIATE_ENDPOINT", "http://host.docker.internal:9090");
}
var worker = (values) => (files) => {
  storesOutside(files);
  files.compose((doc) => {
    for (const [name, value] of Object.entries({ MIGRATION_ENABLED: "false", ...values }))
      setIn(doc, ["services", "worker", "environment", name], value);
  });
};
function storesOutsideByTls(files) {
  storesOutside(files);
  const redis = { REDIS_USE_SSL: "true" };
  const application = {
    ...redis,
    DB_EXTRAS: "sslmode=require",
    CELERY_BROKER_URL: "rediss://:${REDIS_PASSWORD}@${REDIS_HOST}:${REDIS_PORT}/1"
  };
  files.compose((doc) => {
    const each = { api: application, worker: application, plugin_daemon: { ...redis, DB_SSL_MODE: "require" } };
    for (const [service, values] of Object.entries(each))
      for (const [name, value] of Object.entries(values)) setIn(doc, ["services", service, "environment", name], value);
  });
}
var byTls = (service, values) => (files) => {
  storesOutsideByTls(files);
  files.compose((doc) => {
    for (const [name, value] of Object.entries(values)) setIn(doc, ["services", service, "environment", name], value);
  });
};
var differing = (name, what, values, shown) => ({ id: `outside-worker-${name}`, title: what, edit: worker(values), only: only9, ...shown });
var NO_DATABASE = { field: "F089", expect: ["datapath/dataset/indexing", "datapath/hop/worker-database"] };
var outsideFaults = [
  differing(
    "database-password",
    "the database is outside, and the worker has another password for it than api",
    { DB_PASSWORD: "not-the-password" },
    { ...NO_DATABASE, cause: "secret-differs:api:DB_PASSWORD" }
  ),
  differing(
    "database-name",
    "the database is outside, and the worker has another name for it than api",
    { DB_DATABASE: "dify_old" },
    { ...NO_DATABASE, cause: "database-missing" }
  ),
  differing(
    "other-server",
    "the database is outside, and the worker is led to another server than api",
    { DB_HOST: "replica.prod.example" },
    { ...NO_DATABASE, cause: "database-refuses" }
  ),
  differing(
    "redis-password",
    "Redis is outside, and the worker has another password for it than api",
    { REDIS_PASSWORD: "not-the-password" },
    { field: "F087", expect: ["datapath/hop/worker-cache"], cause: "secret-differs:api:REDIS_PASSWORD" }
  ),
  {
    id: "outside-tls-worker-database",
    title: "the database outside is asked for by TLS, and the worker asks for it without",
    edit: byTls("worker", { MIGRATION_ENABLED: "false", DB_EXTRAS: "sslmode=disable" }),
    only: only9,
    ...NO_DATABASE,
    cause: "database-refuses"
  },
  {
    id: "outside-tls-worker-redis",
    title: "Redis outside is asked for by TLS, and the worker asks for it without",
    edit: byTls("worker", { MIGRATION_ENABLED: "false", REDIS_USE_SSL: "false" }),
    only: only9,
    field: "F087",
    expect: ["datapath/hop/worker-cache"],
    cause: "cache-refuses"
  }
];

// fixtures/mutation/routes.ts
var SERVER2 = "nginx/conf.d/default.conf.template";
var PROXY2 = "nginx/proxy.conf.template";
var only10 = ["routes"];
var routesFaults = [
  {
    id: "routes-plugin-endpoints-missing",
    title: "nginx has no location /e/: plugin endpoints fall to web",
    field: "F015",
    edit: (files) => removeLocation(files, "/e/"),
    cause: "route-wrong-owner:/e/",
    expect: ["routes/public:/e//owner"],
    only: only10
  },
  {
    id: "routes-wrong-owner",
    title: "location /files goes to web",
    edit: (files) => editLocation(files, "/files", (block) => block.replace("$api", "$web")),
    cause: "route-wrong-owner:/files",
    expect: ["routes/location:/files/owner", "routes/public:/files/owner"],
    only: only10
  },
  {
    id: "routes-path-stripped",
    title: "proxy_pass of /v1 has a URI part, which takes the place of the prefix",
    edit: (files) => editLocation(files, "/v1", (block) => block.replace("http://$api;", "http://api:5001/;")),
    cause: "nginx-path-cut:/v1",
    expect: ["routes/location:/v1/target"],
    only: only10
  },
  {
    id: "routes-pictures-taken",
    title: "a location for pictures takes them from /files",
    edit: (files) => editLocation(
      files,
      "/files",
      (block) => `location ~* \\.(png|jpg)$ { root /usr/share/nginx/html; }

    ${block}`
    ),
    cause: "nginx-path-cut:/files",
    expect: ["routes/location:/files/target"],
    only: only10
  },
  {
    id: "routes-buffered-stream",
    title: "proxy_buffering is left on",
    field: "F024",
    edit: (files) => files.replace(PROXY2, /^proxy_buffering off;$/m, ""),
    cause: "nginx-buffers-streams",
    expect: ["routes/location:/console/api/stream", "routes/location:/v1/stream", "routes/location:/e//stream"],
    only: only10
  },
  {
    id: "routes-headers-lost",
    title: "the values of the forwarded headers were lost when the template was filled in",
    field: "F018",
    edit: (files) => files.replace(PROXY2, /^(proxy_set_header (?:Host|X-Forwarded-\w+)) .*;$/m, '$1 "";'),
    cause: "nginx-variables-lost",
    expect: ["routes/location:/console/api/headers", "routes/location:/e//headers"],
    only: only10
  },
  {
    id: "routes-body-limit-overridden",
    title: "the server has a body limit of its own below NGINX_CLIENT_MAX_BODY_SIZE",
    edit: (files) => files.replace(SERVER2, /^( +)server_name .*$/m, "$&\n$1client_max_body_size 1m;"),
    cause: "nginx-body-limit",
    expect: ["routes/location:/console/api/limit", "routes/location:/v1/limit"],
    only: only10
  },
  {
    id: "routes-methods-refused",
    title: "location /console/api lets nothing but GET through",
    edit: (files) => editLocation(files, "/console/api", (block) => block.replace(/\}$/, "  limit_except GET { deny all; }\n    }")),
    cause: "nginx-methods-refused:/console/api",
    expect: ["routes/location:/console/api/body"],
    only: only10
  },
  {
    id: "routes-port-lost",
    title: "the Host header is $host, without the port",
    field: "F026",
    edit: (files) => files.replace(PROXY2, /^proxy_set_header Host .*;$/m, "proxy_set_header Host $$host;"),
    cause: "nginx-port-lost",
    expect: ["routes/entry:nginx:80/host-port", "routes/redirect:/v1/port"],
    only: only10
  },
  {
    id: "routes-outer-scheme-overwritten",
    title: "X-Forwarded-Proto is $scheme, whatever a TLS proxy further out says",
    field: "F034",
    edit: (files) => files.replace(PROXY2, /^proxy_set_header X-Forwarded-Proto .*;$/m, "proxy_set_header X-Forwarded-Proto $$scheme;"),
    cause: "nginx-outer-https",
    expect: ["routes/entry:nginx:80/outer-https"],
    only: only10
  },
  {
    id: "routes-hook-url-missing",
    title: "location /e/ sets no Dify-Hook-Url",
    field: "F021",
    edit: (files) => files.replace(SERVER2, /^ +proxy_set_header Dify-Hook-Url .*\n/m, ""),
    cause: "nginx-hook-url-missing",
    expect: ["routes/location:/e//hook-url"],
    only: only10
  },
  {
    id: "routes-websocket-headers-missing",
    title: "a location for WebSockets without the upgrade headers",
    field: "F022",
    edit: (files) => editLocation(files, "/v1", (block) => `${block.replace("/v1", "/socket.io/")}

    ${block}`),
    cause: "nginx-upgrade-missing:/socket.io/",
    expect: ["routes/location:/socket.io//upgrade"],
    only: only10
  },
  {
    id: "routes-health-falls-to-web",
    title: "nginx has no location for /health: web answers the monitors with a page",
    edit: (files) => removeLocation(files, "= /health"),
    cause: "route-wrong-owner:/health",
    expect: ["routes/public:/health/owner"],
    only: only10
  },
  {
    id: "routes-front-page-missing",
    title: "nginx has no location /: pages without a location of their own are lost",
    edit: (files) => removeLocation(files, "/"),
    cause: "route-wrong-owner:/",
    expect: ["routes/unlisted/owner", "routes/public:/signin/owner"],
    only: only10
  }
];
function removeLocation(files, path) {
  editLocation(files, path, () => "");
}
function editLocation(files, path, edit2) {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`^ *(location ${escaped} \\{[^]*?\\n *\\})`, "m").exec(files.read(SERVER2))?.[1];
  if (found === void 0) throw new Error(`the fault changes nothing: there is no location ${path} in ${SERVER2}`);
  files.replace(SERVER2, found, edit2(found).replaceAll("$", "$$$$"));
}

// fixtures/mutation/catalogue.ts
var catalogue = [
  ...configFaults,
  ...dnsFaults,
  ...routesFaults,
  ...healthFaults,
  ...isolationFaults,
  ...datapathFaults,
  ...failoverFaults,
  ...guideFaults,
  ...backupFaults,
  ...outsideFaults
];

// fixtures/texts/classes.ts
var of = (look, more = {}) => ({ look, ...more });
var CHECK_CLASSES = {
  "config/secret/default/{holder}": of("values"),
  "config/secret/equal/{holder}": of("values", { field: ["F087", "F092", "F093", "F096"] }),
  "config/secret/distinct": of("values"),
  "config/secret/first-login/{service}": of("values"),
  "config/secret/anonymous/{service}": of("values", { field: ["F097"] }),
  "config/host/{variable}": of("values", { field: ["F063", "F083"] }),
  "config/port/{port}/listened": of("files"),
  "config/port/{service}": of("files"),
  "config/network/{service}/inside": of("files"),
  "config/network/{service}/apart": of("files"),
  "config/network/{service}/reached": of("files", { field: ["F071", "F009"] }),
  "config/network/{service}/open": of("files", { field: ["F066", "F105"] }),
  "config/health/{service}/present": of("files"),
  "config/health/{service}/truthful": of("files", { field: ["F037", "F038"] }),
  "config/health/{service}/waits-for-database": of("files"),
  "config/health/{service}/waits": of("files"),
  "config/health/ends": of("files"),
  "config/health/limits": of("files"),
  "config/nginx/{service}/syntax": of("rendered"),
  "config/nginx/{service}/names": of("rendered"),
  "config/nginx/{service}/re-resolved/{upstream}": of("rendered"),
  "config/nginx/{service}/addresses": of("rendered"),
  "config/nginx/{service}/placeholders": of("rendered"),
  "config/nginx/{service}/variables": of("rendered"),
  "config/nginx/{service}/paths": of("rendered"),
  "config/nginx/{service}/connect": of("rendered"),
  "config/nginx/{service}/tls": of("rendered", { field: ["F032"] }),
  "config/squid/{service}/private": of("rendered"),
  "config/squid/{service}/peer": of("rendered"),
  "config/squid/{service}/outside": of("rendered"),
  "config/mount/{service}/there": of("files", { field: ["F056"] }),
  "config/mount/{service}/script": of("files"),
  "config/mount/{service}/kept": of("files"),
  "config/setting/restart": of("files"),
  "config/setting/release/{part}": of("files"),
  "config/setting/pinned": of("files", { field: ["F129"] }),
  "config/setting/urls/scheme": of("values"),
  "config/setting/urls/port": of("values"),
  "config/setting/compose/warnings": of("files", { field: ["F062"] }),
  "config/setting/compose/values": of("files", { field: ["F062"] }),
  "dns/search-domains": of("names"),
  "dns/{service}/resolves/{other}": of("names", { field: ["F010"] }),
  "dns/{service}/hidden": of("names"),
  "dns/{service}/environment/{variable\u2026}": of("connection"),
  "dns/{service}/unknown-name": of("names"),
  "dns/{service}/hosts-file": of("names"),
  "dns/{service}/resolver": of("names"),
  "dns/{service}/ipv6": of("names"),
  "dns/{service}/recreated": of("recreation"),
  "routes/configuration{service?}": of("live"),
  "routes/location:{path\u2026}/owner": of("live"),
  "routes/public:{path\u2026}/owner": of("live", { field: ["F013", "F014", "F015"] }),
  "routes/unlisted/owner": of("live"),
  "routes/redirect:{path\u2026}/port": of("live"),
  "routes/location:{path\u2026}/target": of("mirror"),
  "routes/location:{path\u2026}/body": of("mirror"),
  "routes/location:{path\u2026}/headers": of("mirror"),
  "routes/location:{path\u2026}/hook-url": of("mirror", { since: "1.0" }),
  "routes/location:{path\u2026}/stream": of("mirror"),
  "routes/location:{path\u2026}/upgrade": of("mirror"),
  "routes/location:{path\u2026}/limit": of("mirror"),
  "routes/uploads/limit": of("mirror"),
  "routes/entry:{entry\u2026}/host-port": of("mirror"),
  "routes/entry:{entry\u2026}/outer-https": of("mirror"),
  "health/boot": of("engine"),
  "health/{service}/converges": of("engine", { field: ["F010"] }),
  "health/{service}/restarts": of("engine"),
  "health/{service}/exits": of("engine", { field: ["F118"] }),
  "health/{service}/order/{other}": of("engine"),
  "health/{service}/tool": of("engine", { field: ["F045"] }),
  "health/{service}/log": of("logs"),
  "health/{service}/answers/{port}": of("connection"),
  "health/{service}/truth/green": of("truth"),
  "health/{service}/truth/frozen": of("truth"),
  "health/{service}/truth/gone": of("truth"),
  "health/{service}/truth/credentials": of("truth", { field: ["F037", "F089"] }),
  "health/{service}/truth/password": of("truth"),
  "health/{service}/truth/recovers": of("truth"),
  "isolation/gateway/{network}": of("matrix"),
  "isolation/{service}/published": of("files"),
  "isolation/{service}/apart-from/{other}": of("networks"),
  "isolation/{service}/internal-only": of("networks"),
  "isolation/{service}/default-route": of("matrix"),
  "isolation/{service}/outside/{way}": of("matrix"),
  "isolation/{service}/code/allowed": of("code", { field: ["F058", "F077", "F094"] }),
  "isolation/{service}/code/outside": of("code"),
  "isolation/{service}/code/denied/{target}": of("code"),
  "isolation/{service}/code/refused/{target}": of("code"),
  "isolation/{service}/allowed/{target}": of("matrix"),
  "isolation/{service}/denied/{target}": of("matrix"),
  "isolation/{service}/key/refused": of("keys", { field: ["F087", "F092", "F094", "F096"] }),
  "isolation/{service}/through-{proxy}/allowed": of("proxy"),
  "isolation/{service}/refuses/{target}": of("proxy"),
  "isolation/{service}/connect-ports": of("proxy"),
  "datapath/precondition": of("use"),
  "datapath/setup{step?}": of("use", { field: ["F116"] }),
  "datapath/login{step?}": of("use"),
  "datapath/console{step?}": of("use"),
  "datapath/refuse{step?}": of("use"),
  "datapath/plugins{step?}": of("use", { since: "1.0" }),
  "datapath/app{step?}": of("use"),
  "datapath/workflow{step?}": of("use"),
  "datapath/dataset{step?}": of("use", { field: ["F100", "F101"] }),
  "datapath/upload{step?}": of("use", { field: ["F116"] }),
  "datapath/hop/{service}-database": of("store"),
  "datapath/hop/{service}-secret-at-rest": of("store"),
  "datapath/hop/{service}-cache": of("store"),
  "datapath/hop/{service}-broker": of("store"),
  "datapath/hop/{service}-storage": of("store"),
  "datapath/hop/{service}-private-key": of("store", { field: ["F119"] }),
  "datapath/hop/{service}-vector-store": of("store"),
  "datapath/hop/{service}-plugin-daemon": of("store", { since: "1.0" }),
  "datapath/hop/{service}-proxy-log": of("store"),
  "datapath/hop/{service}-way-out": of("files"),
  "failover/precondition": of("load"),
  "failover/{service}/{scenario}/answered": of("load"),
  "failover/{service}/{scenario}/each-replica-serves": of("load"),
  "failover/{service}/{scenario}/fair-share": of("load"),
  "failover/{service}/{scenario}/lost-nothing": of("load"),
  "failover/{service}/{scenario}/in-time": of("load"),
  "failover/{service}/{scenario}/no-post-twice": of("load"),
  "failover/{service}/{scenario}/others-serve": of("load"),
  "failover/{service}/{scenario}/serves-again": of("load"),
  "failover/{service}/{scenario}/own-requests-end": of("load"),
  "failover/{service}/{scenario}/reported-unhealthy": of("load"),
  "failover/{service}/{scenario}/restart-policy": of("load"),
  "failover/{service}/{scenario}/nginx-untouched": of("load"),
  "failover/{service}/new-address/location:{path\u2026}": of("move"),
  "failover/{service}/new-address": of("move"),
  "guide/ps/{service}": of("command"),
  "guide/logs/{service}": of("command"),
  "guide/stats/{service}": of("command"),
  "guide/network/{network}": of("command"),
  "guide/exec/{service}": of("command"),
  "guide/files/container-names": of("files"),
  "guide/outside/{page}": of("command"),
  "guide/restart/{service}": of("command"),
  "guide/{service}/ping/{other}": of("command"),
  "guide/{service}/curl/{other}": of("command"),
  "guide/{service}/pg-isready": of("command"),
  "guide/{service}/redis-cli": of("command"),
  "guide/{service}/psql{database?}": of("command"),
  "guide/{service}/pg-dump/{database}": of("command"),
  "guide/{service}/volume-tar": of("command", { field: ["F114"] }),
  "backup/precondition": of("drill"),
  "backup/kept/{service}": of("drill"),
  "backup/taken": of("drill"),
  "backup/serves-on": of("drill"),
  "backup/restored": of("drill"),
  "backup/apart": of("drill"),
  "backup/same/postgres/{aspect}": of("drill", { field: ["F091"] }),
  "backup/same/redis/{aspect}": of("drill"),
  "backup/same/vectors/{aspect}": of("drill"),
  "backup/same/files/{folder\u2026}/contents": of("drill"),
  "backup/same/files/{folder\u2026}/owners-and-modes": of("drill"),
  "backup/use/{use}": of("drill", { field: ["F119", "F120"] }),
  "backup/load/{store}/acknowledged": of("drill"),
  "backup/load/{store}/whole": of("drill"),
  "backup/readable/{store}": of("drill"),
  "backup/refuses/{case}": of("damage"),
  "backup/killed/{command}": of("damage"),
  "{suite}/nothing-to-check": of("run"),
  "{suite}/not-run": of("run"),
  "{suite}/harness/{part\u2026}": of("run")
};
var CLASS_PATTERNS = Object.keys(CHECK_CLASSES);
var PART = /\{([a-z]+)([…?]?)\}/g;
var COMPILED = CLASS_PATTERNS.map((pattern) => ({ pattern, expression: expressionOf(pattern) }));
function classOfCheck(id) {
  for (const { pattern, expression } of COMPILED) {
    const groups = expression.exec(id)?.groups;
    if (groups) return { pattern, values: { ...groups } };
    if (expression.test(id)) return { pattern, values: {} };
  }
  return null;
}
function expressionOf(pattern) {
  const literal = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  const kinds = { "": "[^/]+", "\u2026": ".+", "?": "|/[^/]+" };
  let source = "";
  let from = 0;
  for (const match of pattern.matchAll(PART)) {
    const [whole, name = "", kind = ""] = match;
    source += `${literal(pattern.slice(from, match.index))}(?<${name}>${kinds[kind] ?? ""})`;
    from = match.index + whole.length;
  }
  return new RegExp(`^${source}${literal(pattern.slice(from))}$`);
}

// ../tools/uncovered.ts
var seen = new Set(catalogue.flatMap((f) => f.expect.flatMap((e) => classOfCheck(e.replaceAll("*", "x"))?.pattern ?? [])));
console.log(CLASS_PATTERNS.filter((p) => !seen.has(p)).join("\n"), CLASS_PATTERNS.length, catalogue.length);
