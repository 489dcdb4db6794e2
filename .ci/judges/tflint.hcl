# The rules that tflint brings along; no plugin is fetched.
plugin "terraform" {
  enabled = true
  preset  = "recommended"
}
