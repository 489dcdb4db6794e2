output "address" {
  description = "Host name of the server. While it exists it stays the same, whichever zone answers."
  value       = aws_db_instance.database.address
}

output "master_secret_arn" {
  description = "Secret of Secrets Manager with the name and password of the administrator, which RDS changes every week."
  value       = aws_db_instance.database.master_user_secret[0].secret_arn
}
